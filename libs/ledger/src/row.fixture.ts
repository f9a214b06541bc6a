import { createHash } from 'node:crypto';
import type { PseudonymousPayment } from '@vigia/contracts';
import { pseudonymousPaymentBuilder, type DeepPartial } from '@vigia/testing';
import type { AssessmentRow } from './assessment-row.js';

/** A row with something in every column; each call has another EndToEndId. */
export function assessmentRow(
  overrides: Partial<AssessmentRow> = {},
  paymentOverrides: DeepPartial<PseudonymousPayment> = {},
): AssessmentRow {
  const payment = pseudonymousPaymentBuilder(paymentOverrides);
  return {
    endToEndId: payment.endToEndId,
    side: payment.side,
    acceptedAtMs: payment.acceptedAtMs,
    decidedAtMs: payment.acceptedAtMs + 7,
    arrivedUs: (payment.acceptedAtMs + 5) * 1_000 + 123,
    caller: 'core-banking',
    contentSha256: createHash('sha256').update(JSON.stringify(payment)).digest(),
    payment,
    vector: Float32Array.of(1.5, NaN, -0, 950.25),
    effective: { payer: { position: 12, atMs: payment.acceptedAtMs } },
    probability: 0.0123,
    margin: -4.2,
    decision: 'approve',
    action: { kind: 'send' },
    reasons: [{ code: 'night', pt: 'Pagamento à noite', en: 'Payment at night' }],
    rules: ['night', 'with "quotes", commas, {braces} and \\ backslash'],
    warnings: [],
    degraded: [],
    model: { name: 'pix', version: '12' },
    policy: { name: 'pix-payer', version: '3' },
    featureSet: { name: 'pix', hash: 'a'.repeat(64) },
    timingsUs: { features: 300, total: 410 },
    ...overrides,
  };
}

/** For comparison: a Buffer and a Uint8Array of the same bytes are not equal to Jest. */
export function comparable(row: AssessmentRow | undefined): unknown {
  return row && { ...row, contentSha256: [...row.contentSha256], vector: [...row.vector] };
}
