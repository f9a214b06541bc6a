import type { PseudonymousPayment } from '@vigia/contracts';
import type { FeatureSet } from '@vigia/features';
import { pseudonymousPaymentBuilder, testPseudonym } from '@vigia/testing';
import fc from 'fast-check';
import { BruteForce } from './brute-force.fixture.js';

/** What reaches an engine, in this order. */
export type Arrival =
  | { kind: 'payment'; payment: PseudonymousPayment; repeated: boolean }
  | { kind: 'label'; payment: PseudonymousPayment; fraud: boolean };

const START_MS = 1_790_000_000_000;
const AGES_MS = [1_000, 4_000, 5_000, 20_000, 25_000];

const PEOPLE = ['a', 'b', 'c', 'd'].map((name) => testPseudonym(`conformance ${name}`));
const DEVICES = ['x', 'y'].map((name) => testPseudonym(`conformance device ${name}`));

const device = fc.option(
  fc.record({
    id: fc.constantFrom(...DEVICES),
    distanceFromUsualKm: fc.option(
      fc.oneof(fc.constantFrom(0, 3, 90, 1e5), fc.double({ min: 0, max: 1e6, noNaN: true })),
      {
        nil: undefined,
      },
    ),
    rooted: fc.option(fc.boolean(), { nil: undefined }),
    emulator: fc.option(fc.boolean(), { nil: undefined }),
  }),
  { nil: undefined },
);

const step = fc.record({
  kind: fc.constantFrom('payment', 'payment', 'payment', 'payment', 'label', 'label', 'repeat'),
  /** Ties, the edges of windows to the millisecond, long silence, and payments that come late. */
  afterMs: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0, 0, 1, 2) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 800 }) },
    { weight: 3, arbitrary: fc.constantFrom(...AGES_MS.flatMap((age) => [age - 1, age, age + 1])) },
    { weight: 1, arbitrary: fc.constant(90_000) },
    { weight: 2, arbitrary: fc.constantFrom(-1, -300, -5_000, -25_001) },
  ),
  amountCents: fc.oneof(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5_000_000 }),
    fc.constant(2 ** 40 + 1),
  ),
  payer: fc.constantFrom(0, 0, 0, 1, 2, 3),
  payee: fc.constantFrom(0, 1, 1, 1, 2, 3),
  device,
  manual: fc.boolean(),
  isReturn: fc.constantFrom(false, false, false, false, true),
  earlier: fc.nat(),
  fraud: fc.boolean(),
});

/** Random histories of one world with few people, so that they are long and meet in one log. */
export const histories: fc.Arbitrary<Arrival[]> = fc
  .array(step, { minLength: 1, maxLength: 120, size: 'max' })
  .map((steps) => {
    const past: PseudonymousPayment[] = [];
    let nowMs = START_MS;
    return steps.flatMap((each): Arrival[] => {
      const earlier = past[each.earlier % Math.max(1, past.length)];
      if (each.kind === 'label') return earlier ? [{ kind: 'label', payment: earlier, fraud: each.fraud }] : [];
      if (each.kind === 'repeat') return earlier ? [{ kind: 'payment', payment: earlier, repeated: true }] : [];
      const acceptedAtMs = nowMs + each.afterMs;
      nowMs = Math.max(nowMs, acceptedAtMs);
      const payment = pseudonymousPaymentBuilder({
        acceptedAtMs,
        amountCents: each.amountCents,
        initiationForm: each.manual ? 'MANU' : 'DICT',
        purpose: each.isReturn ? 'REFU' : 'IPAY',
        payer: { person: PEOPLE[each.payer]! },
        payee: { person: PEOPLE[each.payee]! },
        ...(each.device ? { device: each.device as never } : {}),
      });
      past.push(payment);
      return [{ kind: 'payment', payment, repeated: false }];
    });
  });

/** 50,000 payments to one payee within its windows' reach, some late, some labelled. */
export function hotHistory(events: number): Arrival[] {
  const arrivals: Arrival[] = [];
  const payments: PseudonymousPayment[] = [];
  for (let i = 0; i < events; i++) {
    const payment = pseudonymousPaymentBuilder({
      endToEndId: `E12345678202611142213${String(i).padStart(11, '0')}`,
      acceptedAtMs: START_MS + Math.floor(i / 3) - (i % 97 === 0 ? 7 : 0),
      amountCents: 1 + ((i * 7_919) % 100_003),
      payer: { person: PEOPLE[0]! },
      payee: { person: PEOPLE[1 + (i % 3)]! },
    });
    payments.push(payment);
    arrivals.push({ kind: 'payment', payment, repeated: false });
    if (i % 1_000 === 999) arrivals.push({ kind: 'label', payment: payments[i - 500]!, fraud: true });
  }
  return arrivals;
}

/** The vectors by their definition, one a payment, in the order of arrival; null between those that are wanted. */
export function expected(set: FeatureSet, history: Arrival[], every = 1): (Float32Array | null)[] {
  const brute = new BruteForce(set);
  let count = 0;
  return history.flatMap((arrival) => {
    if (arrival.kind === 'payment') {
      return arrival.repeated ? [] : [brute.payment(arrival.payment, ++count % every === 0)];
    }
    brute.label(arrival.payment.endToEndId, arrival.fraud);
    return [];
  });
}

/** Several histories in one, each with people and devices of its own: one query for all. */
export function together(all: Arrival[][]): Arrival[] {
  return all.flatMap((history, index) => {
    const own = (name: string): string => `${name}~${index}`;
    return history.map((arrival) => {
      const { payer, payee, device } = arrival.payment;
      const payment = {
        ...arrival.payment,
        payer: { ...payer, person: own(payer.person) },
        payee: { ...payee, person: own(payee.person) },
        ...(device && { device: { ...device, id: own(device.id) } }),
      };
      return { ...arrival, payment };
    });
  });
}
