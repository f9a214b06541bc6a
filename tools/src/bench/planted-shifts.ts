import { dirname, join } from 'node:path';
import { payment as paymentSchema, type PseudonymousPayment } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import type { AssessmentRow } from '@vigia/ledger';
import { loadBundle, type Model } from '@vigia/model';
import { OfflineStore } from '@vigia/offline-store';
import { Pseudonymiser } from '@vigia/platform';
import type { SimulatedEvent } from '@vigia/simulator';
import { testEndToEndId } from '@vigia/testing';
import { DAY_MS, type World } from '../world.js';

/** A payment as the windows and the model see it. */
export interface LivePayment {
  payment: PseudonymousPayment;
  vector: Float32Array;
  scenario: string | null;
}

const set = compileFeatureSet(PIX);
const PRICES = PIX.features.flatMap(({ name, unit }) => (unit === 'R$' ? [set.features.indexOf(name)] : []));
const INFLATION = 1.6;
const PEAK = 1.8;
const MULE_SHARE = 0.02;

type Shift = (day: LivePayment[], all: LivePayment[][], random: () => number) => LivePayment[];

/** What is planted from the first shifted day on. */
export const SHIFTS: Record<string, Shift> = {
  /** All prices are 1.6 times what they were, and so is every feature in R$. */
  'price inflation': (day) =>
    day.map((live) => {
      const vector = live.vector.slice();
      for (const index of PRICES) vector[index] = vector[index]! * INFLATION;
      const amountCents = Math.round(live.payment.amountCents * INFLATION);
      return { ...live, vector, payment: { ...live.payment, amountCents } };
    }),
  /** A caller sends today as the day on which the payee's account was opened. */
  'broken feature': (day) =>
    day.map((live) => {
      const vector = live.vector.slice();
      vector[set.features.indexOf('payee_account_age')] = 0;
      return { ...live, vector };
    }),
  /** Chains of mules at 2 % of the payments. */
  'new mule pattern': (day, all, random) => {
    const mules = all.flat().filter(({ scenario }) => scenario === 'mule_chain');
    if (mules.length === 0) throw new Error('the world has no chain of mules: give it more days or payments');
    return day.map((live) =>
      random() < MULE_SHARE ? { ...mules[Math.floor(random() * mules.length)]!, payment: { ...live.payment } } : live,
    );
  },
  /** 1.8 times as many payments, of the same kinds: no drift. */
  'seasonal peak': (day, all, random) => {
    const others = all.flat();
    const extra = Math.round((PEAK - 1) * day.length);
    const more = Array.from({ length: extra }, () => others[Math.floor(random() * others.length)]!);
    const startMs = Math.min(...day.map(({ payment }) => payment.acceptedAtMs));
    return [
      ...day,
      ...more.map((live) => {
        const timeOfDayMs = (live.payment.acceptedAtMs - startMs) % DAY_MS;
        const acceptedAtMs = startMs + ((timeOfDayMs + DAY_MS) % DAY_MS);
        return { ...live, payment: { ...live.payment, acceptedAtMs } };
      }),
    ];
  },
};

/** The payments of a world from a moment on, day by day, with the features that its training set has of them. */
export async function liveDays(
  world: World,
  events: Iterable<SimulatedEvent>,
  data: string,
  fromMs: number,
): Promise<LivePayment[][]> {
  const vectors = await vectorsOf(data, fromMs);
  const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.alloc(32, 'bench') });
  const days: LivePayment[][] = [];
  for (const event of events) {
    if (event.atMs >= world.liveFromMs) break;
    const vector = event.kind === 'payment' ? vectors.get(event.payment.endToEndId) : undefined;
    if (event.kind !== 'payment' || !vector) continue;
    const day = Math.floor((event.atMs - fromMs) / DAY_MS);
    const payment = pseudonymiser.payment(paymentSchema.parse(event.payment));
    (days[day] ??= []).push({ payment, vector, scenario: event.truth.scenario });
  }
  return days;
}

async function vectorsOf(data: string, fromMs: number): Promise<Map<string, Float32Array>> {
  const store = await OfflineStore.open({ memoryLimitMb: 1_000, threads: 2, temporaryDirectory: dirname(data) });
  try {
    const rows = await store.ask(
      `SELECT end_to_end_id, ${set.features.join(', ')} FROM '${join(data, 'rows.parquet')}' WHERE accepted_at_ms >= ${fromMs}`,
    );
    return new Map(
      rows.map(([id, ...values]) => [
        String(id),
        Float32Array.from(values, (value) => (value === null ? NaN : Number(value))),
      ]),
    );
  } finally {
    store.close();
  }
}

/** Payments scored, decided and ready for a ledger. */
export class Scorer {
  private count = 0;

  private constructor(
    private readonly model: Model,
    private readonly bundle: { name: string; version: string; review: number; reject: number },
  ) {}

  static async open(directory: string): Promise<Scorer> {
    const model = await loadBundle(directory, { featureSet: set });
    const { version, thresholds } = model.manifest;
    return new Scorer(model, { name: 'pix-fraud', version, ...thresholds });
  }

  async row({ payment, vector }: LivePayment): Promise<AssessmentRow> {
    const { probability, margin } = await this.model.score(vector);
    const { name, version, review, reject } = this.bundle;
    const decision = probability >= reject ? 'reject' : probability >= review ? 'review' : 'approve';
    const { acceptedAtMs } = payment;
    const endToEndId = testEndToEndId(this.count++, acceptedAtMs);
    return {
      endToEndId,
      side: payment.side,
      acceptedAtMs,
      decidedAtMs: acceptedAtMs + 5,
      arrivedUs: acceptedAtMs * 1_000,
      caller: 'bench',
      contentSha256: Buffer.alloc(32),
      payment: { ...payment, endToEndId },
      vector,
      effective: {},
      probability,
      margin,
      decision,
      action: { kind: 'send' },
      reasons: decision === 'approve' ? [] : [{ code: 'AMOUNT', pt: 'Valor', en: 'Amount' }],
      rules: [],
      warnings: [],
      degraded: [],
      model: { name, version },
      policy: { name: 'pix-payer', version: 'bench' },
      featureSet: { name: set.name, hash: set.hash },
      timingsUs: { features: 200, score: 40 },
    };
  }

  close(): Promise<void> {
    return this.model.close();
  }
}
