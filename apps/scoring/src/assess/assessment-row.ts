import type { Assessment, PseudonymousPayment } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import type { AssessmentRow } from '@vigia/ledger';
import type { SeenPayment } from './feature-reader.js';
import type { Judgement } from './judge.js';

export interface RowContext {
  contentSha256: Uint8Array;
  caller: string;
  decidedAtMs: number;
  timingsUs: Record<string, number>;
  set: CompiledFeatureSet;
}

/** Everything that an auditor needs of a decision, as the ledger keeps it. */
export function rowOf(
  payment: PseudonymousPayment,
  seen: SeenPayment,
  judgement: Judgement,
  context: RowContext,
): AssessmentRow {
  const { set, ...rest } = context;
  return {
    endToEndId: payment.endToEndId,
    side: payment.side,
    acceptedAtMs: payment.acceptedAtMs,
    arrivedUs: seen.arrivedUs,
    payment,
    vector: seen.vector,
    effective: seen.effective,
    probability: judgement.probability,
    margin: judgement.margin,
    decision: judgement.verdict.decision,
    action: judgement.action,
    reasons: judgement.reasons,
    rules: judgement.verdict.rules,
    warnings: warningsOf(payment),
    degraded: judgement.degraded,
    model: judgement.model,
    policy: judgement.policy,
    featureSet: { name: set.name, hash: set.hash },
    ...rest,
  };
}

/** The answer, the same from a fresh row and from one that was read back. */
export function assessmentOf(row: AssessmentRow): Assessment {
  return {
    endToEndId: row.endToEndId,
    side: row.side,
    decision: row.decision,
    action: row.action,
    probability: row.probability,
    reasons: row.reasons,
    warnings: row.warnings,
    degraded: row.degraded,
    model: row.model,
    policy: row.policy,
    featureSet: row.featureSet,
    decidedAt: new Date(row.decidedAtMs).toISOString(),
  };
}

/** What is odd but no reason to refuse: the SPI would refuse a tax id with wrong check digits. */
function warningsOf({ payer, payee }: PseudonymousPayment): string[] {
  return [
    ...(payer.taxIdValid ? [] : ['payer_tax_id_check_digits']),
    ...(payee.taxIdValid ? [] : ['payee_tax_id_check_digits']),
  ];
}
