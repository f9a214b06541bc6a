import type { PolicyShadowDecision } from '@vigia/ledger';
import type { Metrics } from '@vigia/platform';
import type { PolicyEngine } from '@vigia/policy';
import type { ShadowCounts, ShadowDrop } from '../shadow/after-answer-record.js';
import { POLICY_ROLES, type PolicyRole } from './live-policies.js';

/** Which policies are in force, how they came to be, and what the one in shadow said. */
export class PolicyMetrics implements ShadowCounts<PolicyShadowDecision> {
  private readonly info;
  private readonly swaps;
  private readonly refusals;
  private readonly shadowDecisions;
  private readonly shadowDrops;
  private askedAtMs: number | null = null;

  constructor(metrics: Metrics) {
    this.info = metrics.gauge('policy_info', 'Always 1; the labels say which policy is in force in which role.', [
      'role',
      'policy',
      'version',
    ]);
    this.swaps = metrics.counter('policy_swaps_total', 'Policies that came into force, the first one included.', [
      'role',
    ]);
    this.refusals = metrics.counter('policy_refusals_total', 'Published policies that were refused, each once.', [
      'role',
    ]);
    // Of a counter that begins at 1 no increase is seen: the first refusal would raise no alert.
    for (const role of POLICY_ROLES) this.refusals.inc({ role }, 0);
    metrics.gauge(
      'policy_record_silence_seconds',
      'Time since the ledger last said which policy is published.',
      [],
      () => (this.askedAtMs === null ? 0 : (Date.now() - this.askedAtMs) / 1_000),
    );
    this.shadowDecisions = metrics.counter(
      'policy_shadow_decisions_total',
      'Decisions on record of the policy in shadow.',
      ['decision'],
    );
    this.shadowDrops = metrics.counter(
      'policy_shadow_drops_total',
      'Such decisions that are missing there, by cause.',
      ['cause'],
    );
  }

  inForce(role: PolicyRole, before: PolicyEngine | null, policy: PolicyEngine | null): void {
    if (before) this.info.remove({ role, policy: before.name, version: before.version });
    if (policy === null) return;
    this.info.set({ role, policy: policy.name, version: policy.version }, 1);
    this.swaps.inc({ role });
  }

  refused(role: PolicyRole): void {
    this.refusals.inc({ role });
  }

  recordAnswered(): void {
    this.askedAtMs = Date.now();
  }

  shadowRecorded(rows: readonly PolicyShadowDecision[]): void {
    for (const { decision } of rows) this.shadowDecisions.inc({ decision });
  }

  shadowDropped(cause: ShadowDrop, rows = 1): void {
    this.shadowDrops.inc({ cause }, rows);
  }
}
