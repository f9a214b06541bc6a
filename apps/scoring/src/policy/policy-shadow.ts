import type { AssessmentRow, PolicyShadowDecision } from '@vigia/ledger';
import type { Logger } from '@vigia/platform';
import { AfterAnswerQueue } from '../shadow/after-answer-queue.js';
import type { AfterAnswerRecord } from '../shadow/after-answer-record.js';
import type { LivePolicies, LivePolicy } from './live-policies.js';
import type { PolicyMetrics } from './policy-metrics.js';

type Decided = Pick<AssessmentRow, 'endToEndId' | 'payment' | 'vector' | 'probability' | 'degraded' | 'policy'>;

/** Decides each payment by the policy in shadow, after its answer. */
export class PolicyShadow {
  private readonly queue: AfterAnswerQueue<{ decided: Decided; shadow: LivePolicy }>;

  constructor(
    private readonly policies: LivePolicies,
    private readonly record: AfterAnswerRecord<PolicyShadowDecision>,
    private readonly metrics: PolicyMetrics,
    private readonly logger: Logger,
  ) {
    this.queue = new AfterAnswerQueue(({ decided, shadow }) => this.decide(decided, shadow));
  }

  /** Takes a payment that was decided; returns at once. */
  offer(decided: Decided): void {
    const { shadow } = this.policies;
    if (shadow === null || shadow.engine.version === decided.policy.version) return;
    if (!this.queue.offer({ decided, shadow })) this.metrics.shadowDropped('queue_full');
  }

  /** Decides what waits and closes the record. */
  async close(): Promise<void> {
    await this.queue.drained();
    await this.record.close();
  }

  private async decide(
    { endToEndId, payment, vector, probability, degraded }: Decided,
    { engine, inputOf }: LivePolicy,
  ): Promise<void> {
    try {
      // What failed behind the model is no business of a policy's.
      const seen = degraded.filter((part) => part === 'features' || part === 'model');
      const { decision, rules } = await engine.evaluate(inputOf(payment, vector, { probability, degraded: seen }));
      const { name: policy, version } = engine;
      this.record.add({ endToEndId, policy, version, decision, rules, decidedAtMs: Date.now() });
    } catch (error) {
      this.metrics.shadowDropped('failed');
      this.logger.error({ err: error }, 'the policy in shadow failed');
    }
  }
}
