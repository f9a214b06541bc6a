import type { Metrics } from '@vigia/platform';

/** What trainings and the gate came to. */
export class TrainingMetrics {
  private readonly last;
  private readonly verdicts;

  constructor(metrics: Metrics) {
    this.last = metrics.gauge('trained_model', 'Metrics of the version that this process trained last.', [
      'model',
      'metric',
    ]);
    this.verdicts = metrics.counter('gate_verdicts_total', 'Versions held against the gate, by verdict.', [
      'model',
      'verdict',
    ]);
  }

  trained(model: string, values: Record<string, number>): void {
    for (const [metric, value] of Object.entries(values)) this.last.set({ model, metric }, value);
  }

  judged(model: string, verdict: 'passed' | 'failed'): void {
    this.verdicts.inc({ model, verdict });
  }
}
