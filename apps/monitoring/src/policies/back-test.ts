import type { PolicyChange } from '@vigia/contracts';
import { HANDBOOK, PIX, compileFeatureSet } from '@vigia/features';
import type { DecidedPayment } from '@vigia/ledger';
import {
  PolicyComparison,
  SAFEST_VERDICT,
  recordedInputs,
  type Amount,
  type PolicyCosts,
  type PolicyEngine,
  type PolicyTally,
} from '@vigia/policy';
import { segmentsOf } from '../window/segments.js';

/** Two policies held against each other. */
export interface PolicyReport {
  payments: number;
  live: PolicyTally;
  draft: PolicyTally;
  /** By what the live policy decides, then by what the draft does. */
  matrix: ReturnType<PolicyComparison['matrix']>;
  /** By `segmentation/segment`. */
  segments: Record<string, { live: PolicyTally; draft: PolicyTally }>;
}

/** A back-test, and what it cannot know. */
export interface BackTestReport extends PolicyReport {
  policy: string;
  version: NonNullable<PolicyChange['to']>;
  against: string;
  from: string;
  to: string;
  costs: PolicyCosts;
  unknown: {
    /** Payments of which nobody has said anything, and those so young that many labels are still to come. */
    withoutVerdict: Amount;
    young: Amount;
    /** Rejected then: what would have become of them nobody can know. Of them, those that the draft approves. */
    rejectedThen: Amount;
    rejectedThenApprovedByDraft: Amount;
  };
  /** Payments that `against` itself decided, and those of them that it decides the same again. */
  reproduced: { payments: number; same: number };
  /** Payments that could not be decided anew: their vector is of another set, or another policy decided them. */
  leftOut: { otherFeatureSet: number; otherPolicy: number };
  /** Payments on which a policy failed; it would have sent them to review. */
  failed: { live: number; draft: number };
}

type InputOf = ReturnType<typeof recordedInputs>;
interface Policy {
  engine: PolicyEngine;
  /** By the hash of the feature set. */
  inputs: Map<string, InputOf>;
  failed: number;
}

const SETS = [PIX, HANDBOOK].map(compileFeatureSet);

/** Counts what two policies decide of payments on record: 27 cells for each segment, however many payments. */
export class BackTest {
  private readonly whole = new PolicyComparison();
  private readonly segments = new Map<string, PolicyComparison>();
  private readonly live: Policy;
  private readonly draft: Policy;
  private payments = 0;
  private readonly unknown: BackTestReport['unknown'] = {
    withoutVerdict: { payments: 0, cents: 0 },
    young: { payments: 0, cents: 0 },
    rejectedThen: { payments: 0, cents: 0 },
    rejectedThenApprovedByDraft: { payments: 0, cents: 0 },
  };
  private readonly reproduced = { payments: 0, same: 0 };
  private readonly leftOut = { otherFeatureSet: 0, otherPolicy: 0 };

  /** @param youngFromMs payments accepted from then on may still get labels */
  constructor(
    live: PolicyEngine,
    draft: PolicyEngine,
    private readonly youngFromMs: number,
  ) {
    this.live = policyOf(live);
    this.draft = policyOf(draft);
  }

  async add(payments: DecidedPayment[]): Promise<void> {
    await Promise.all(payments.map((payment) => this.decide(payment)));
  }

  /** @param days length of the range */
  report(days: number, costs: PolicyCosts): Omit<BackTestReport, 'policy' | 'version' | 'against' | 'from' | 'to'> {
    return {
      ...reportOf(this.payments, { whole: this.whole, segments: this.segments }, days, costs),
      costs,
      unknown: this.unknown,
      reproduced: this.reproduced,
      leftOut: this.leftOut,
      failed: { live: this.live.failed, draft: this.draft.failed },
    };
  }

  private async decide(payment: DecidedPayment): Promise<void> {
    if (payment.policy.name !== this.live.engine.name) return void this.leftOut.otherPolicy++;
    const live = await decisionOf(this.live, payment);
    const draft = await decisionOf(this.draft, payment);
    if (live === null || draft === null) return void this.leftOut.otherFeatureSet++;
    const { traits, fraud } = payment;
    const { amountCents } = traits;
    this.payments++;
    for (const each of [this.whole, ...comparisonsOf(this.segments, segmentsOf(traits))]) {
      each.add({ live, draft, amountCents, fraud });
    }
    if (fraud === null) add(this.unknown.withoutVerdict, amountCents);
    if (traits.acceptedAtMs >= this.youngFromMs) add(this.unknown.young, amountCents);
    if (payment.decision === 'reject') {
      add(this.unknown.rejectedThen, amountCents);
      if (draft === 'approve') add(this.unknown.rejectedThenApprovedByDraft, amountCents);
    }
    if (payment.policy.version !== this.live.engine.version) return;
    this.reproduced.payments++;
    if (payment.decision === live) this.reproduced.same++;
  }
}

/** What comparisons, of all payments and by segment, say. */
export function reportOf(
  payments: number,
  { whole, segments }: { whole: PolicyComparison; segments: Map<string, PolicyComparison> },
  days: number,
  costs: PolicyCosts,
): PolicyReport {
  const both = (compared: PolicyComparison): { live: PolicyTally; draft: PolicyTally } => ({
    live: compared.tally('live', days, costs),
    draft: compared.tally('draft', days, costs),
  });
  const inOrder = [...segments].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    payments,
    ...both(whole),
    matrix: whole.matrix(),
    segments: Object.fromEntries(inOrder.map(([name, compared]) => [name, both(compared)])),
  };
}

/** Those of these segments, made where they are new. */
export function comparisonsOf(segments: Map<string, PolicyComparison>, names: string[]): PolicyComparison[] {
  return names.map((name) => {
    const compared = segments.get(name) ?? new PolicyComparison();
    segments.set(name, compared);
    return compared;
  });
}

function policyOf(engine: PolicyEngine): Policy {
  const inputs = SETS.map(({ hash, features }) => [hash, recordedInputs(features, engine.settings)] as const);
  return { engine, inputs: new Map(inputs), failed: 0 };
}

/** Null where the vector is of a set that is not known here. A policy that fails sends to review, as in scoring. */
async function decisionOf(policy: Policy, payment: DecidedPayment) {
  const inputOf = policy.inputs.get(payment.featureSetHash);
  if (!inputOf) return null;
  try {
    return (await policy.engine.evaluate(inputOf(payment))).decision;
  } catch {
    policy.failed++;
    return SAFEST_VERDICT.decision;
  }
}

function add(amount: Amount, cents: number): void {
  amount.payments++;
  amount.cents += cents;
}
