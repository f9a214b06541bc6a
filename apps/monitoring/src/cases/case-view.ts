import { fromCents, type Reason } from '@vigia/contracts';
import type { AssessmentRow, CaseDetail, CaseEvent, CasePayment, CaseSummary, OutcomeRow } from '@vigia/ledger';

/** A case as its readers see it: money as decimal strings. */
export interface CaseView extends Omit<CaseSummary, 'expectedLossCents'> {
  state: 'open' | 'closed';
  expectedLoss: string;
}

/** A payment of a case: what was decided and why, what is known of it by now. */
export interface CasePaymentView extends Omit<CasePayment, 'amountCents' | 'expectedLossCents'> {
  amount: string;
  expectedLoss: string;
  /** Null where the ledger keeps the assessment no more. */
  assessment: Pick<AssessmentRow, 'side' | 'action' | 'rules' | 'degraded' | 'model' | 'policy'> | null;
  reasons: Reason[];
  outcomes: Pick<OutcomeRow, 'source' | 'result' | 'situation' | 'reportId' | 'knownAt'>[];
}

export interface CaseDetailView extends CaseView {
  items: CasePaymentView[];
  /** Newest first. */
  events: CaseEvent[];
}

export function viewOf({ expectedLossCents, ...rest }: CaseSummary): CaseView {
  return { ...rest, state: rest.closedAt === null ? 'open' : 'closed', expectedLoss: fromCents(expectedLossCents) };
}

export function detailOf(
  { items, events, ...summary }: CaseDetail,
  assessments: Map<string, AssessmentRow>,
  outcomes: Map<string, OutcomeRow[]>,
): CaseDetailView {
  const views = items.map((item) =>
    paymentOf(item, assessments.get(item.endToEndId), outcomes.get(item.endToEndId) ?? []),
  );
  return { ...viewOf(summary), items: views, events };
}

function paymentOf(
  { amountCents, expectedLossCents, ...rest }: CasePayment,
  row: AssessmentRow | undefined,
  outcomes: OutcomeRow[],
): CasePaymentView {
  return {
    ...rest,
    amount: fromCents(amountCents),
    expectedLoss: fromCents(expectedLossCents),
    assessment: row
      ? {
          side: row.side,
          action: row.action,
          rules: row.rules,
          degraded: row.degraded,
          model: row.model,
          policy: row.policy,
        }
      : null,
    reasons: row?.reasons ?? [],
    outcomes: outcomes.map(({ source, result, situation, reportId, knownAt }) => ({
      source,
      result,
      situation,
      ...(reportId !== undefined && { reportId }),
      knownAt,
    })),
  };
}
