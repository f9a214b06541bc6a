import type { HoldEnd, Outcome } from '@vigia/contracts';

/** What is known of a case without its payments. */
export interface CaseSummary {
  id: string;
  openedAt: string;
  /** When its last payment got its verdict; null while it is open. */
  closedAt: string | null;
  assignee: string | null;
  assignedAt: string | null;
  payments: number;
  /** Payments without a verdict. */
  pending: number;
  /** Of those: sum of probability x amount, cents. */
  expectedLossCents: number;
  /** When the first of their holds ends. */
  dueAt: string | null;
}

export interface CasePayment {
  endToEndId: string;
  acceptedAt: string;
  /** Pseudonyms. */
  payer: string;
  payee: string;
  amountCents: number;
  /** Null where no model scored it. */
  probability: number | null;
  expectedLossCents: number;
  hold: { until: string; end: HoldEnd | null; endedAt: string | null } | null;
  verdict: {
    verdict: 'fraud' | 'genuine';
    situation: Outcome['situation'] | null;
    fraudMarker: Outcome['fraudMarker'] | null;
    at: string;
  } | null;
}

export const CASE_EVENTS = ['opened', 'payment_added', 'assigned', 'noted', 'verdict', 'hold_ended', 'closed'] as const;

/** A line of the audit trail. */
export interface CaseEvent {
  id: string;
  caseId: string;
  at: string;
  kind: (typeof CASE_EVENTS)[number];
  by: string;
  /** Name of the API key; '' where the service itself did it. */
  caller: string;
  endToEndId: string | null;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

export interface CaseRow {
  id: string;
  opened_at: Date;
  closed_at: Date | null;
  assignee: string | null;
  assigned_at: Date | null;
  payments: number;
  pending: number;
  expected_loss_cents: string;
  due_at: Date | null;
}

export interface CasePaymentRow {
  end_to_end_id: string;
  case_id: string;
  accepted_at: Date;
  payer: string;
  payee: string;
  amount_cents: string;
  probability: number | null;
  expected_loss_cents: string;
  hold_until: Date | null;
  hold_end: HoldEnd | null;
  hold_ended_at: Date | null;
  verdict: 'fraud' | 'genuine' | null;
  situation: Outcome['situation'] | null;
  fraud_marker: NonNullable<Outcome['fraudMarker']> | null;
  verdict_at: Date | null;
}

export function summaryOf(row: CaseRow): CaseSummary {
  return {
    id: row.id,
    openedAt: row.opened_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    assignee: row.assignee,
    assignedAt: row.assigned_at?.toISOString() ?? null,
    payments: row.payments,
    pending: row.pending,
    expectedLossCents: Number(row.expected_loss_cents),
    dueAt: row.due_at?.toISOString() ?? null,
  };
}

export function casePaymentOf(row: CasePaymentRow): CasePayment {
  return {
    endToEndId: row.end_to_end_id,
    acceptedAt: row.accepted_at.toISOString(),
    payer: row.payer,
    payee: row.payee,
    amountCents: Number(row.amount_cents),
    probability: row.probability,
    expectedLossCents: Number(row.expected_loss_cents),
    hold: row.hold_until && {
      until: row.hold_until.toISOString(),
      end: row.hold_end,
      endedAt: row.hold_ended_at?.toISOString() ?? null,
    },
    verdict: row.verdict && {
      verdict: row.verdict,
      situation: row.situation,
      fraudMarker: row.fraud_marker,
      at: row.verdict_at!.toISOString(),
    },
  };
}
