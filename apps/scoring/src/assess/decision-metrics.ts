import type { Assessment, Degradation } from '@vigia/contracts';
import type { Metrics } from '@vigia/platform';

const STAGE_BUCKETS_S = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1];

/** What the decision path counts. */
export class DecisionMetrics {
  private readonly decisions;
  private readonly stages;
  private readonly repeats;
  private readonly degradations;
  private readonly probability;

  constructor(metrics: Metrics) {
    this.decisions = metrics.counter('decisions_total', 'Assessments given, by decision and side.', [
      'decision',
      'side',
    ]);
    this.stages = metrics.histogram(
      'decision_stage_seconds',
      'Time of each stage of the decision path.',
      ['stage'],
      STAGE_BUCKETS_S,
    );
    this.repeats = metrics.counter('repeated_payments_total', 'Payments answered with their first assessment.');
    this.degradations = metrics.counter('degraded_total', 'Failures that degraded a decision, by part.', ['part']);
    this.probability = metrics.histogram(
      'fraud_probability',
      'Calibrated probability of the payments scored.',
      [],
      [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.9],
    );
  }

  decided(assessment: Assessment, stagesUs: Record<string, number>): void {
    this.decisions.inc({ decision: assessment.decision, side: assessment.side });
    if (assessment.probability !== null) this.probability.observe(assessment.probability);
    for (const stage in stagesUs) this.stages.observe({ stage }, stagesUs[stage]! / 1e6);
  }

  repeated(): void {
    this.repeats.inc();
  }

  degraded(part: Degradation): void {
    this.degradations.inc({ part });
  }
}
