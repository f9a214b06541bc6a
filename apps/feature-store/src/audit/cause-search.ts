import { stateOf, type CompiledFeatureSet } from '@vigia/features';
import type { HistoryLabel, ServedPayment } from '@vigia/ledger';
import type { ComputedVector } from '@vigia/offline-store';
import type { EntityDifference, MismatchExample } from './audit-report.js';
import { entityKeys } from './entity-keys.js';
import { reachMsOf, union, type Dependencies } from './feature-dependencies.js';
import { EntityTrace } from './history-trace.js';

/** A row that differs, and in what. */
export interface Mismatch {
  served: ServedPayment;
  recomputed: ComputedVector;
  late: boolean;
  /** Indexes of features. */
  differing: number[];
}

/** Follows the entities of some mismatches through the history, up to each of them: where did windows and history part? */
export class CauseSearch {
  private readonly traces = new Map<string, EntityTrace>();
  private readonly wanted: Map<string, Mismatch>;
  private readonly found: MismatchExample[] = [];

  /** @param toleranceMs how far a payment's time may lie from its arrival */
  constructor(
    private readonly set: CompiledFeatureSet,
    private readonly dependencies: Dependencies[],
    mismatches: readonly Mismatch[],
    private readonly toleranceMs: number,
  ) {
    this.wanted = new Map(mismatches.map((mismatch) => [mismatch.served.endToEndId, mismatch]));
    for (const mismatch of mismatches) {
      for (const [key, entity] of this.logsOf(mismatch)) {
        if (!this.traces.has(key)) this.traces.set(key, new EntityTrace(reachMsOf(set.plan, entity)));
      }
    }
  }

  /** Those that were met, in the order of arrival. */
  get examples(): MismatchExample[] {
    return this.found;
  }

  payment(served: ServedPayment, recomputed: ComputedVector): void {
    const { payment, endToEndId, arrivedUs } = served;
    const keys = entityKeys(this.set, payment);
    const isServedHere = !served.degraded && served.featureSetHash === this.set.hash;
    keys.forEach((key, entity) => {
      const trace = key === null ? undefined : this.traces.get(key);
      const { name } = this.set.plan.entities[entity]!;
      const offline = recomputed.entities[name];
      if (!trace || !offline) return;
      const online = isServedHere ? served.effective[name] : undefined;
      const adds = this.adds(served, entity);
      trace.touch({ endToEndId, arrivedUs, adds, recomputed: offline, ...(online ? { served: online } : {}) });
    });
    const mismatch = this.wanted.get(endToEndId);
    if (mismatch) this.found.push(this.exampleOf(mismatch));
  }

  label({ payment, endToEndId, arrivedUs }: HistoryLabel): void {
    entityKeys(this.set, payment).forEach((key, entity) => {
      const { plan } = this.set;
      if (key === null || !stateOf(plan, plan.entities[entity]!).labels) return;
      this.traces.get(key)?.labelled(endToEndId, arrivedUs);
    });
  }

  private adds({ payment }: ServedPayment, entity: number): boolean {
    if (!this.set.observes(payment) || !this.set.plan.entities[entity]!.observe) return false;
    return this.set.entitiesOf(payment)[entity]!.adds;
  }

  /** Keys of the logs that the differing features read, each with its entity. */
  private logsOf({ served, differing }: Mismatch): [string, number][] {
    const keys = entityKeys(this.set, served.payment);
    const { entities } = union(differing.map((index) => this.dependencies[index]!));
    return entities.flatMap((entity) => (keys[entity] ? [[keys[entity], entity] as [string, number]] : []));
  }

  private exampleOf(mismatch: Mismatch): MismatchExample {
    const { served, recomputed, late, differing } = mismatch;
    return {
      endToEndId: served.endToEndId,
      arrivedUs: served.arrivedUs,
      late,
      features: differing.map((index) => ({
        name: this.set.features[index]!,
        served: missing(served.vector[index]!),
        recomputed: missing(recomputed.values[index]!),
      })),
      cause: this.causeOf(mismatch),
    };
  }

  /** The earliest difference whose event the features' windows may hold; without one, the last label. */
  private causeOf(mismatch: Mismatch): EntityDifference | null {
    const { served, differing } = mismatch;
    const { reachMs, usesLabels } = union(differing.map((index) => this.dependencies[index]!));
    const fromUs = served.arrivedUs - (reachMs + 2 * this.toleranceMs) * 1_000;
    const logs = this.logsOf(mismatch).map(([key, entity]) => ({
      entity: this.set.plan.entities[entity]!.name,
      trace: this.traces.get(key)!,
    }));
    const parted = logs.flatMap(({ entity, trace }) =>
      trace.found.filter(({ arrivedUs }) => arrivedUs >= fromUs).map((difference) => ({ entity, ...difference })),
    );
    if (parted.length > 0) return parted.reduce((first, one) => (one.arrivedUs < first.arrivedUs ? one : first));
    const labels = logs.flatMap(({ entity, trace }) => {
      const label = usesLabels ? trace.lastLabel() : undefined;
      return label ? [{ entity, ...label }] : [];
    });
    return labels.length === 0 ? null : labels.reduce((last, one) => (one.arrivedUs > last.arrivedUs ? one : last));
  }
}

const missing = (value: number): number | null => (Number.isNaN(value) ? null : value);
