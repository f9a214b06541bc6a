import type { PolicyChange } from '@vigia/contracts';
import type { Pool } from 'pg';
import { readDecidedPayments, type DecidedPayment, type DecidedRange } from './decided-payments.js';
import { asking } from './outage.js';
import { backTestsOf, recordBackTest, type PolicyBackTest, type RecordedBackTest } from './policy-back-tests.js';
import {
  changePolicy,
  namedPolicies,
  policyChanges,
  type NamedPolicies,
  type NewPolicyChange,
} from './policy-changes.js';
import {
  recordPolicyShadow,
  shadowedPayments,
  type PolicyShadowDecision,
  type PolicyShadowRange,
  type ShadowedPayment,
} from './policy-shadow.js';
import {
  keepPolicy,
  policyContent,
  policyVersions,
  type PolicyVersionRow,
  type PolicyVersionSummary,
} from './policy-versions.js';

/** The versions of policies, what decided when, and what others would have decided. */
export class PolicyRecord {
  constructor(
    private readonly url: string,
    private readonly pool: Pool,
  ) {}

  keep(row: PolicyVersionRow): Promise<'new' | 'known'> {
    return asking(() => keepPolicy(this.pool, row));
  }

  /** Null where there is no such version. */
  version(
    policy: string,
    version: string,
  ): Promise<(PolicyVersionSummary & { graph: unknown; settings: unknown }) | null> {
    return asking(() => policyContent(this.pool, policy, version));
  }

  /** Newest first. */
  versions(policy: string, limit: number): Promise<PolicyVersionSummary[]> {
    return asking(() => policyVersions(this.pool, policy, limit));
  }

  /** What decides, and what decides in shadow. */
  named(policy: string): Promise<NamedPolicies> {
    return asking(() => namedPolicies(this.pool, policy));
  }

  /** @throws {Fault} `not_found`, `published_meanwhile`, `policy_not_tested` */
  change(change: NewPolicyChange): Promise<PolicyChange> {
    return asking(() => changePolicy(this.pool, change));
  }

  /** Newest first. */
  changes(policy: string, limit: number): Promise<PolicyChange[]> {
    return asking(() => policyChanges(this.pool, policy, limit));
  }

  recordBackTest(test: PolicyBackTest): Promise<void> {
    return asking(() => recordBackTest(this.pool, test));
  }

  /** Newest first. */
  backTests(policy: string, version: string, limit: number): Promise<RecordedBackTest[]> {
    return asking(() => backTestsOf(this.pool, policy, version, limit));
  }

  /** What is there already stays. */
  recordShadow(rows: PolicyShadowDecision[]): Promise<void> {
    return asking(() => recordPolicyShadow(this.pool, rows));
  }

  /** See `shadowedPayments` in policy-shadow.ts. */
  shadowed(range: PolicyShadowRange): AsyncGenerator<ShadowedPayment[], void, undefined> {
    return shadowedPayments(this.pool, range);
  }

  /** Version of this policy that decided the newest payment; null where there is none. */
  newest(policy: string): Promise<string | null> {
    return asking(async () => {
      const { rows } = await this.pool.query<{ policy_version: string }>(
        `SELECT policy_version FROM (SELECT policy_name, policy_version FROM assessment
           ORDER BY accepted_at DESC, end_to_end_id DESC LIMIT 1000) newest WHERE policy_name = $1 LIMIT 1`,
        [policy],
      );
      return rows[0]?.policy_version ?? null;
    });
  }

  /** Payments as they were decided, in pages, see `readDecidedPayments` in decided-payments.ts. */
  decided(range: DecidedRange): AsyncGenerator<DecidedPayment[], void, undefined> {
    return readDecidedPayments(this.url, range);
  }
}
