import type { AssessmentRow, PaymentTraits } from '@vigia/ledger';
import { prepareReference } from '@vigia/statistics';
import { pseudonymousPaymentBuilder } from '@vigia/testing';
import { FEATURES, FEATURE_SET } from './registered.fixture.js';

/** What can be changed of made-up traffic. */
export interface Shift {
  /** Factor of the amounts. */
  amount?: number;
  /** Share of the payments whose hour is missing. */
  withoutHour?: number;
  /** Share of the payments that look like frauds. */
  suspicious?: number;
}

export interface ScoredPayment {
  vector: Float32Array;
  probability: number;
}

/** A payment of a person's to a person by key, at noon in Brasília. */
export function traitsBuilder(overrides: Partial<PaymentTraits> = {}): PaymentTraits {
  return {
    acceptedAtMs: Date.UTC(2026, 10, 20, 15),
    amountCents: 50_00,
    initiationForm: 'DICT',
    side: 'payer',
    payerIsCompany: false,
    payeeIsCompany: false,
    channel: 'app',
    ...overrides,
  };
}

/** Seeded numbers in [0, 1): mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Payments of the model's own world: amounts are lognormal, one of ten has the flag, one of ten looks suspicious. */
export function scoredPayments(count: number, random: () => number, shift: Shift = {}): ScoredPayment[] {
  const { amount = 1, withoutHour = 0, suspicious = 0.1 } = shift;
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const isSuspicious = random() < suspicious;
    const hour = random() < withoutHour ? NaN : Math.floor(random() * 24);
    const vector = Float32Array.of(amount * Math.exp(4 + normal), hour, Number(random() < 0.1));
    const probability = Math.fround(isSuspicious ? 0.3 + 0.6 * random() : 0.001 + 0.02 * random());
    return { vector, probability };
  });
}

/** `reference.json` of a model that was trained on such payments. */
export function referenceOf(payments: ScoredPayment[]): string {
  const histogramOf = (values: Float32Array) => prepareReference(values).histogram;
  const column = (index: number) => Float32Array.from(payments, ({ vector }) => vector[index]!);
  return JSON.stringify({
    features: Object.fromEntries(FEATURES.map((name, index) => [name, histogramOf(column(index))])),
    probability: histogramOf(Float32Array.from(payments, ({ probability }) => probability)),
  });
}

/** As the ledger has it: decided by a version of a model, evenly over [fromMs, toMs). */
export function rowsOf(
  payments: ScoredPayment[],
  { model, version, fromMs, toMs }: { model: string; version: string; fromMs: number; toMs: number },
): AssessmentRow[] {
  return payments.map(({ vector, probability }, index) => {
    const acceptedAtMs = Math.floor(fromMs + ((toMs - fromMs) * index) / payments.length);
    const payment = pseudonymousPaymentBuilder({ acceptedAtMs });
    const decision = probability >= 0.6 ? 'reject' : probability >= 0.2 ? 'review' : 'approve';
    return {
      endToEndId: payment.endToEndId,
      side: payment.side,
      acceptedAtMs,
      decidedAtMs: acceptedAtMs + 7,
      arrivedUs: acceptedAtMs * 1_000,
      caller: 'core-banking',
      contentSha256: Buffer.alloc(32),
      payment,
      vector,
      effective: {},
      probability,
      margin: Math.log(probability / (1 - probability)),
      decision,
      action: { kind: 'send' },
      reasons: decision === 'approve' ? [] : [{ code: 'amount', pt: 'Valor', en: 'Amount' }],
      rules: [],
      warnings: [],
      degraded: [],
      model: { name: model, version },
      policy: { name: 'pix-payer', version: '3' },
      featureSet: FEATURE_SET,
      timingsUs: { features: 300, score: 100 + (index % 50) },
    };
  });
}
