import { createHash } from 'node:crypto';
import type { PaymentInput, PseudonymousPayment } from '@vigia/contracts';
import { TEST_TIME_MS } from './clock.js';
import { cpf } from './tax-id.js';

export type DeepPartial<T> = T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** ISPB of the payer's institution in every built payment. */
export const TEST_ISPB = '12345678';
let built = 0;

/** `E` + ISPB + minute in UTC + the number `n` in 11 characters. */
export function testEndToEndId(n: number, atMs = TEST_TIME_MS, ispb = TEST_ISPB): string {
  const minute = new Date(atMs).toISOString().replace(/\D/g, '').slice(0, 12);
  return `E${ispb}${minute}${n.toString(36).padStart(11, '0')}`;
}

/**
 * A payment that every check accepts: payer 1 sends R$ 950.00 to the key (CPF) of payee 2 at the fixed clock's time.
 * Each has another EndToEndId, whose minute is that of `acceptedAt`.
 */
export function paymentBuilder(overrides: DeepPartial<PaymentInput> = {}): PaymentInput {
  const acceptedAt = overrides.acceptedAt ?? new Date(TEST_TIME_MS).toISOString();
  const payment: PaymentInput = {
    endToEndId: testEndToEndId(built++, Date.parse(acceptedAt)),
    side: 'payer',
    amount: '950.00',
    acceptedAt,
    initiationForm: 'DICT',
    payer: { taxId: cpf(1), ispb: TEST_ISPB, account: { number: '1000001', branch: '0001', type: 'CACC' } },
    payee: { taxId: cpf(2), ispb: '87654321', account: { number: '2000002', type: 'CACC' }, key: cpf(2) },
  };
  return merged(payment, overrides);
}

/** As {@link paymentBuilder}, already pseudonymised: what everything behind the edge sees. */
export function pseudonymousPaymentBuilder(overrides: DeepPartial<PseudonymousPayment> = {}): PseudonymousPayment {
  const acceptedAtMs = overrides.acceptedAtMs ?? TEST_TIME_MS;
  const payment: PseudonymousPayment = {
    endToEndId: testEndToEndId(built++, acceptedAtMs),
    side: 'payer',
    amountCents: 95_000,
    acceptedAtMs,
    initiationForm: 'DICT',
    purpose: 'IPAY',
    priority: 'PAGPRI',
    hasTxId: false,
    hasRemittanceInformation: false,
    payer: { ...pseudonymousParty('payer'), ispb: TEST_ISPB },
    payee: {
      ...pseudonymousParty('payee'),
      ispb: '87654321',
      key: testPseudonym('key'),
      keyType: 'CPF',
    },
  };
  return merged(payment, overrides);
}

/** A well-formed pseudonym, the same for the same seed. */
export function testPseudonym(seed: string): string {
  return `k1.${createHash('sha256').update(seed).digest('base64url').slice(0, 22)}`;
}

function pseudonymousParty(name: string) {
  return {
    person: testPseudonym(`${name} person`),
    account: testPseudonym(`${name} account`),
    accountType: 'CACC' as const,
    legalPerson: false,
    taxIdValid: true,
  };
}

function merged<T extends object>(base: T, overrides: DeepPartial<T>): T {
  const result = { ...base } as Record<string, unknown>;
  for (const [key, value] of Object.entries(overrides)) {
    const before = result[key];
    result[key] = isRecord(value) && isRecord(before) ? merged(before, value) : value;
  }
  return result as T;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
