import { PolicyComparison, type ComparedDecision } from './index.js';

const costs = { reviewCostCents: 1_500, fraudLossShare: 0.5, refusalCostCents: 1_000 };
const decided = (
  live: ComparedDecision['live'],
  draft: ComparedDecision['draft'],
  amountCents: number,
  fraud: boolean | null,
): ComparedDecision => ({ live, draft, amountCents, fraud });

function comparison(...payments: ComparedDecision[]): PolicyComparison {
  const compared = new PolicyComparison();
  for (const payment of payments) compared.add(payment);
  return compared;
}

const compared = comparison(
  decided('approve', 'review', 100_00, true),
  decided('approve', 'approve', 40_00, true),
  decided('review', 'reject', 20_00, false),
  decided('reject', 'approve', 7_00, null),
  decided('review', 'review', 3_00, null),
);

test('the live policy', () => {
  expect(compared.tally('live', 2, costs)).toEqual({
    decisions: {
      approve: { payments: 2, cents: 140_00 },
      review: { payments: 2, cents: 23_00 },
      reject: { payments: 1, cents: 7_00 },
    },
    reviewsPerDay: 1,
    rejectionsPerDay: 0.5,
    caughtFraud: { payments: 0, cents: 0 },
    missedFraud: { payments: 2, cents: 140_00 },
    falsePositives: { payments: 1, cents: 20_00 },
    stoppedWithoutVerdict: { payments: 2, cents: 10_00 },
    // Two reviews, half of R$ 140.00, one refusal of nobody's fraud.
    estimatedCostCents: 2 * 1_500 + 70_00 + 1_000,
  });
});

test('the draft', () => {
  expect(compared.tally('draft', 2, costs)).toMatchObject({
    caughtFraud: { payments: 1, cents: 100_00 },
    missedFraud: { payments: 1, cents: 40_00 },
    falsePositives: { payments: 1, cents: 20_00 },
    stoppedWithoutVerdict: { payments: 1, cents: 3_00 },
    estimatedCostCents: 2 * 1_500 + 20_00 + 1_000,
  });
});

test('who decides what otherwise', () => {
  const matrix = compared.matrix();
  expect(matrix.approve.review).toEqual({ payments: 1, cents: 100_00, fraud: { payments: 1, cents: 100_00 } });
  expect(matrix.review.reject).toEqual({ payments: 1, cents: 20_00, fraud: { payments: 0, cents: 0 } });
  expect(matrix.approve.reject.payments).toBe(0);
});
