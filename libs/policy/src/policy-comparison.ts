import { decision, type Decision } from '@vigia/contracts';

/** What decisions cost. */
export interface PolicyCosts {
  /** Work of one review, cents. */
  reviewCostCents: number;
  /** Share of the amount of an approved fraud that is lost, 0 to 1. */
  fraudLossShare: number;
  /** A payment refused of which nobody says that it was fraud, cents. */
  refusalCostCents: number;
}

export interface Amount {
  payments: number;
  cents: number;
}

/** One payment as two policies decide it. */
export interface ComparedDecision {
  live: Decision;
  draft: Decision;
  amountCents: number;
  /** What its label says; null where nobody said anything. */
  fraud: boolean | null;
}

/** What one policy's decisions came to. */
export interface PolicyTally {
  decisions: Record<Decision, Amount>;
  reviewsPerDay: number;
  rejectionsPerDay: number;
  /** Fraud by verdict that was reviewed or rejected, and that was approved. */
  caughtFraud: Amount;
  missedFraud: Amount;
  /** Reviewed or rejected: genuine by verdict, and without a verdict. */
  falsePositives: Amount;
  stoppedWithoutVerdict: Amount;
  /** Reviews, the loss of missed fraud and refusals; reviewed fraud counts as stopped. */
  estimatedCostCents: number;
}

const DECISIONS = decision.options;
type Verdict = 'fraud' | 'genuine' | 'unknown';
const VERDICTS: readonly Verdict[] = ['fraud', 'genuine', 'unknown'];
type Whose = 'live' | 'draft';

/** Counts payments by what two policies decide and by their label; all figures follow from these 27 cells. */
export class PolicyComparison {
  private readonly payments = new Float64Array(27);
  private readonly cents = new Float64Array(27);

  add({ live, draft, amountCents, fraud }: ComparedDecision): void {
    const verdict = fraud === null ? 'unknown' : fraud ? 'fraud' : 'genuine';
    const cell = cellOf(live, draft, verdict);
    this.payments[cell]! += 1;
    this.cents[cell]! += amountCents;
  }

  /** Payments by what the live policy decides, then by what the draft does. */
  matrix(): Record<Decision, Record<Decision, Amount & { fraud: Amount }>> {
    return byDecision((live) =>
      byDecision((draft) => ({
        ...this.sum((each) => each.live === live && each.draft === draft),
        fraud: this.sum((each) => each.live === live && each.draft === draft && each.verdict === 'fraud'),
      })),
    );
  }

  /** @param days length of what was counted, for the figures a day */
  tally(whose: Whose, days: number, costs: PolicyCosts): PolicyTally {
    const decisions = byDecision((wanted) => this.sum((each) => each[whose] === wanted));
    const stopped = (verdict: Verdict): Amount =>
      this.sum((each) => each[whose] !== 'approve' && each.verdict === verdict);
    const missedFraud = this.sum((each) => each[whose] === 'approve' && each.verdict === 'fraud');
    const refused = this.sum((each) => each[whose] === 'reject' && each.verdict !== 'fraud');
    return {
      decisions,
      reviewsPerDay: decisions.review.payments / days,
      rejectionsPerDay: decisions.reject.payments / days,
      caughtFraud: stopped('fraud'),
      missedFraud,
      falsePositives: stopped('genuine'),
      stoppedWithoutVerdict: stopped('unknown'),
      estimatedCostCents: Math.round(
        decisions.review.payments * costs.reviewCostCents +
          missedFraud.cents * costs.fraudLossShare +
          refused.payments * costs.refusalCostCents,
      ),
    };
  }

  private sum(wanted: (cell: { live: Decision; draft: Decision; verdict: Verdict }) => boolean): Amount {
    const total = { payments: 0, cents: 0 };
    for (const live of DECISIONS) {
      for (const draft of DECISIONS) {
        for (const verdict of VERDICTS) {
          if (!wanted({ live, draft, verdict })) continue;
          const cell = cellOf(live, draft, verdict);
          total.payments += this.payments[cell]!;
          total.cents += this.cents[cell]!;
        }
      }
    }
    return total;
  }
}

const cellOf = (live: Decision, draft: Decision, verdict: Verdict): number =>
  DECISIONS.indexOf(live) * 9 + DECISIONS.indexOf(draft) * 3 + VERDICTS.indexOf(verdict);

const byDecision = <T>(valueOf: (decision: Decision) => T): Record<Decision, T> => ({
  approve: valueOf('approve'),
  review: valueOf('review'),
  reject: valueOf('reject'),
});
