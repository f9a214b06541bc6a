import type { BundleManifest } from '@vigia/contracts';
import type { Metrics } from '@vigia/platform';
import type { ShadowScore } from '@vigia/ledger';
import type { ShadowCounts, ShadowDrop } from '../shadow/after-answer-record.js';
import { MODEL_ROLES, type ModelRole } from './live-models.js';

/** Which models are live, how they came to be, and what became of the scores in shadow. */
export class ModelMetrics implements ShadowCounts<ShadowScore> {
  private readonly info;
  private readonly swaps;
  private readonly refusals;
  private readonly shadowScores;
  private readonly shadowDrops;
  /** When the registry last answered, or when it was first asked; null where none is followed. */
  private reachedAtMs: number | null = null;

  constructor(metrics: Metrics) {
    this.info = metrics.gauge('model_info', 'Always 1; the labels say which model is live in which role.', [
      'role',
      'model',
      'version',
    ]);
    this.swaps = metrics.counter('model_swaps_total', 'Models that became live, the first one included.', ['role']);
    this.refusals = metrics.counter('model_refusals_total', 'Bundles that were refused, each once.', ['role']);
    // Of a counter that begins at 1 no increase is seen: the first refusal would raise no alert.
    for (const role of MODEL_ROLES) this.refusals.inc({ role }, 0);
    metrics.gauge(
      'model_registry_silence_seconds',
      'Time since the registry last answered; 0 where none is followed.',
      [],
      () => (this.reachedAtMs === null ? 0 : (Date.now() - this.reachedAtMs) / 1_000),
    );
    this.shadowScores = metrics.counter(
      'shadow_scores_total',
      'Scores on record of the model that did not decide the payment.',
    );
    this.shadowDrops = metrics.counter('shadow_drops_total', 'Such scores that are missing there, by cause.', [
      'cause',
    ]);
  }

  /** @param manifest null: the role is empty from now on */
  live(role: ModelRole, before: BundleManifest | null, manifest: BundleManifest | null): void {
    if (before) this.info.remove({ role, model: before.name, version: before.version });
    if (manifest === null) return;
    this.info.set({ role, model: manifest.name, version: manifest.version }, 1);
    this.swaps.inc({ role });
  }

  refused(role: ModelRole): void {
    this.refusals.inc({ role });
  }

  registryReached(): void {
    this.reachedAtMs = Date.now();
  }

  shadowRecorded(scores: readonly ShadowScore[]): void {
    this.shadowScores.inc(scores.length);
  }

  shadowDropped(cause: ShadowDrop, scores = 1): void {
    this.shadowDrops.inc({ cause }, scores);
  }
}
