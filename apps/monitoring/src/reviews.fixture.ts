import type { PseudonymousPayment } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import type { AssessmentRow } from '@vigia/ledger';
import { pseudonymousPaymentBuilder, testPseudonym, type DeepPartial } from '@vigia/testing';

const set = compileFeatureSet(PIX);
let persons = 0;

/** A pseudonym that nobody else has. */
export const person = (): string => testPseudonym(`reviewed ${persons++}`);

/** A vector of the set `pix`: every feature has its place as value, but for those given. */
export function pixVector(values: Record<string, number> = {}): Float32Array {
  return Float32Array.from(set.features, (name, index) => values[name] ?? index);
}

/** As scoring recorded it: a payment of persons of its own, accepted now, held for half an hour. */
export function reviewed(
  overrides: Partial<AssessmentRow> = {},
  payment: DeepPartial<PseudonymousPayment> = {},
): AssessmentRow {
  const built = pseudonymousPaymentBuilder({
    acceptedAtMs: Date.now(),
    ...payment,
    payer: { person: person(), ...payment.payer },
    payee: { person: person(), ...payment.payee },
  });
  const until = new Date(built.acceptedAtMs + 1_800_000).toISOString();
  return {
    endToEndId: built.endToEndId,
    side: built.side,
    acceptedAtMs: built.acceptedAtMs,
    decidedAtMs: built.acceptedAtMs + 7,
    arrivedUs: built.acceptedAtMs * 1_000,
    caller: 'core-banking',
    contentSha256: Buffer.alloc(32),
    payment: built,
    vector: pixVector(),
    effective: {},
    probability: 0.5,
    margin: 0,
    decision: 'review',
    action: { kind: 'hold', minutes: 30, until, priority: 'PAGFRD' },
    reasons: [{ code: 'night_limit', pt: 'Soma da noite acima do limite', en: 'The night is above the limit' }],
    rules: ['night_limit'],
    warnings: [],
    degraded: [],
    model: { name: 'pix-fraud', version: '2026-11-01' },
    policy: { name: 'pix-payer', version: '3' },
    featureSet: { name: set.name, hash: set.hash },
    timingsUs: {},
    ...overrides,
  };
}
