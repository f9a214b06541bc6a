import { Fault, type PolicyChange, policyCosts } from '@vigia/contracts';
import type { NamedPolicies, PolicyRecord, PolicyVersionSummary, RecordedBackTest } from '@vigia/ledger';
import { PolicyComparison, type PolicyDocument, type PolicyEngine, type RuleText } from '@vigia/policy';
import { z } from 'zod';
import { segmentsOf } from '../window/segments.js';
import { comparisonsOf, reportOf, type PolicyReport } from './back-test.js';
import { compiled, unknownVersion } from './policy-content.js';

const DAY_MS = 86_400_000;
const MOST_LISTED = 200;
const MOST_BACK_TESTS = 20;
/** Payments of one comparison. */
const MOST_COMPARED = 200_000;

/** A policy that was tried out, and may be drafted as it is. */
export interface CheckedPolicy {
  policy: string;
  version: string;
  settings: unknown;
  /** Texts of the rules that it may answer, by code. */
  rules: PolicyEngine['ruleTexts'] & Record<string, RuleText>;
}

export type PolicyDetail = PolicyVersionSummary & {
  graph: unknown;
  settings: unknown;
  backTests: RecordedBackTest[];
};

export interface Person {
  by: string;
  reason: string;
  /** Name of the API key. */
  caller: string;
}

export interface ShadowReport extends PolicyReport {
  policy: string;
  /** That decided in shadow; in the report it stands as the draft. */
  version: string;
  from: string;
  to: string;
  /** Payments by the version that decided them. */
  decidedBy: Record<string, number>;
}

/** Drafts, publishes and compares policies. */
export class PoliciesService {
  constructor(private readonly record: PolicyRecord) {}

  named(policy: string): Promise<NamedPolicies> {
    return this.record.named(policy);
  }

  versions(policy: string): Promise<PolicyVersionSummary[]> {
    return this.record.versions(policy, MOST_LISTED);
  }

  history(policy: string): Promise<PolicyChange[]> {
    return this.record.changes(policy, MOST_LISTED);
  }

  /** @throws {Fault} `not_found` */
  async version(policy: string, version: string): Promise<PolicyDetail> {
    const kept = await this.record.version(policy, version);
    if (kept === null) throw unknownVersion(policy, version);
    return { ...kept, backTests: await this.record.backTests(policy, version, MOST_BACK_TESTS) };
  }

  /** @throws {Fault} `policy_refused` */
  async check(document: PolicyDocument): Promise<CheckedPolicy> {
    const { name: policy, version, settings, ruleTexts: rules } = await compiled(document);
    return { policy, version, settings, rules };
  }

  /** Keeps a policy that can be used. The same content is the same version. @throws {Fault} `policy_refused` */
  async draft(document: PolicyDocument, person: Person): Promise<CheckedPolicy> {
    const checked = await this.check(document);
    const { policy, version, settings } = checked;
    await this.record.keep({ policy, version, graph: document.graph, settings, origin: 'draft', ...person });
    return checked;
  }

  /** @throws {Fault} `not_found`, `policy_not_tested`, `published_meanwhile` */
  publish(
    policy: string,
    version: string,
    { from, ...request }: Person & { from?: string | null | undefined; override: boolean },
  ): Promise<PolicyChange> {
    const expected = from === undefined ? {} : { expected: from };
    return this.record.change({ policy, kind: 'publish', to: version, ...request, ...expected });
  }

  /** @param version null: nothing decides in shadow any more. @throws {Fault} `not_found` */
  shadow(policy: string, version: string | null, person: Person): Promise<PolicyChange> {
    return this.record.change({ policy, kind: 'shadow', to: version, override: false, ...person });
  }

  /** What a version decided in shadow beside what was decided. @throws {Fault} `invalid_request`, `range_without_data` */
  async shadowReport(policy: string, version: string, range: { fromMs: number; toMs: number }): Promise<ShadowReport> {
    const costs = z.object(policyCosts).parse({});
    const [whole, segments] = [new PolicyComparison(), new Map<string, PolicyComparison>()];
    const decidedBy: Record<string, number> = {};
    let payments = 0;
    for await (const chunk of this.record.shadowed({ policy, version, ...range, limit: MOST_COMPARED + 1 })) {
      for (const { traits, decision: live, shadow: draft, decidedBy: by, fraud } of chunk) {
        for (const each of [whole, ...comparisonsOf(segments, segmentsOf(traits))])
          each.add({ live, draft, amountCents: traits.amountCents, fraud });
        decidedBy[by] = (decidedBy[by] ?? 0) + 1;
        payments++;
      }
    }
    requireSome(payments, version);
    return {
      policy,
      version,
      from: new Date(range.fromMs).toISOString(),
      to: new Date(range.toMs).toISOString(),
      decidedBy,
      ...reportOf(payments, { whole, segments }, (range.toMs - range.fromMs) / DAY_MS, costs),
    };
  }
}

function requireSome(payments: number, version: string): void {
  if (payments === 0) {
    throw new Fault('range_without_data', { detail: `Version ${version} decided nothing in shadow in this range.` });
  }
  if (payments > MOST_COMPARED) {
    throw new Fault('invalid_request', {
      detail: `The range has more than ${MOST_COMPARED} payments.`,
      errors: [{ field: 'from', message: 'ask for a shorter range' }],
    });
  }
}
