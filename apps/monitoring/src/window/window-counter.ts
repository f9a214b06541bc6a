import type { MonitoredPayment } from '@vigia/ledger';
import type { ReferenceAnswer } from './reference.js';
import { segmentsOf } from './segments.js';
import { ServiceCounter } from './service-counts.js';
import { VersionCounter, type Scored } from './version-counts.js';

/** Counts a window: all payments, and those of each version of a model apart, in shadow or not. */
export class WindowCounter {
  readonly service = new ServiceCounter();
  private readonly counters = new Map<string, VersionCounter>();

  /** @param referenceOf what a version is to be compared with */
  constructor(
    private readonly model: string,
    private readonly referenceOf: (bundleVersion: string) => Promise<ReferenceAnswer>,
  ) {}

  async add(page: MonitoredPayment[]): Promise<void> {
    this.service.add(page);
    for (const [version, scored] of this.byVersion(page)) (await this.version(version)).add(scored);
  }

  /** Of a version, with nothing counted where it scored nothing. */
  async version(bundleVersion: string): Promise<VersionCounter> {
    const known = this.counters.get(bundleVersion) ?? new VersionCounter(await this.referenceOf(bundleVersion));
    this.counters.set(bundleVersion, known);
    return known;
  }

  versions(): string[] {
    return [...this.counters.keys()];
  }

  private byVersion(page: MonitoredPayment[]): Map<string, Scored[]> {
    const result = new Map<string, Scored[]>();
    const add = (version: string, scored: Scored): void => {
      const known = result.get(version);
      if (known) known.push(scored);
      else result.set(version, [scored]);
    };
    for (const { traits, vector, featureSetHash, decision, scored, shadows } of page) {
      const segments = segmentsOf(traits);
      const decider = scored?.model === this.model ? scored : null;
      if (decider) {
        add(decider.bundleVersion, { segments, vector, featureSetHash, decision, probability: decider.probability });
      }
      for (const { bundleVersion, probability } of shadows) {
        // Scored in shadow after it had decided, around a swap: it counts once.
        if (bundleVersion === decider?.bundleVersion) continue;
        add(bundleVersion, { segments, vector, featureSetHash, decision: null, probability });
      }
    }
    return result;
  }
}
