import { createHash } from 'node:crypto';
import { outcome, payment } from '@vigia/contracts';
import { simulate, simulateEvents, SCENARIO_NAMES, type SimulatedPayment } from './index.js';

const startMs = Date.UTC(2026, 8, 1, 3);
const options = { seed: 11, startMs, days: 12, paymentsPerDay: 3_000, fraudShare: 0.004 };
let all: SimulatedPayment[];

beforeAll(() => {
  all = [...simulate(options)];
});

function digest(seed: number): string {
  const hash = createHash('sha256');
  let left = 3_000;
  for (const event of simulateEvents({ ...options, seed, days: 3, paymentsPerDay: 1_500 })) {
    hash.update(JSON.stringify(event));
    if (--left === 0) break;
  }
  return hash.digest('hex');
}

test('the same seed gives the same bytes, another seed others', () => {
  const first = digest(5);
  expect(digest(5)).toBe(first);
  expect(digest(6)).not.toBe(first);
  // Any change of the world changes this; data sets made before are then not to be compared with those made after.
  expect(first).toBe('0b354e8aabf662ad300012446e4f774c2bdba2a42303d17d4873efd9e8ea99b1');
});

test('payments and outcomes fit their contracts', () => {
  for (const { payment: input, outcomes } of all) {
    const parsed = payment.safeParse(input);
    if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
    for (const one of outcomes) expect(outcome.safeParse(one).success).toBe(true);
  }
});

test('payments come in time order, within the asked days, each id once', () => {
  const ids = new Set<string>();
  let lastMs = startMs;
  for (const { atMs, payment: input } of all) {
    expect(atMs).toBeGreaterThanOrEqual(lastMs);
    expect(Date.parse(input.acceptedAt)).toBe(atMs);
    ids.add(input.endToEndId);
    lastMs = atMs;
  }
  expect(lastMs).toBeLessThan(startMs + 12 * 86_400_000);
  expect(ids.size).toBe(all.length);
});

test('fraud has the asked share and every typology occurs', () => {
  const frauds = all.filter((simulated) => simulated.truth.fraud);
  expect(frauds.length / all.length).toBeGreaterThan(0.003);
  expect(frauds.length / all.length).toBeLessThan(0.005);
  expect(new Set(frauds.map((fraud) => fraud.truth.scenario))).toEqual(new Set(SCENARIO_NAMES));
});

test('truth names a typology and a ring for fraud alone', () => {
  for (const { truth } of all) {
    expect(truth.scenario !== null).toBe(truth.fraud);
    expect(truth.ring !== undefined).toBe(truth.fraud);
    if (truth.fraud) expect(truth.lookAlike).toBeNull();
  }
  expect(new Set(all.map((simulated) => simulated.truth.lookAlike)).size).toBeGreaterThan(8);
});

test('volume follows paymentsPerDay', () => {
  expect(all.length / (12 * 3_000)).toBeGreaterThan(0.9);
  expect(all.length / (12 * 3_000)).toBeLessThan(1.1);
});

function share<T>(items: T[], holds: (item: T) => boolean): number {
  return items.filter(holds).length / items.length;
}

test('optional parts are there as often as channels send them', () => {
  const paying = all.filter(({ payment: input }) => input.side === 'payer');
  const arriving = all.filter(({ payment: input }) => input.side === 'payee');
  expect(share(all, ({ payment: input }) => input.side === 'payee')).toBeCloseTo(0.22, 1);
  for (const { payment: input } of arriving) {
    expect(input.device).toBeUndefined();
    expect(input.session).toBeUndefined();
    expect(input.dict?.ownerStatistics).toBeUndefined();
  }
  const between = (part: (input: SimulatedPayment['payment']) => unknown, from: number, to: number) => {
    const seen = share(paying, ({ payment: input }) => part(input) !== undefined);
    expect(seen).toBeGreaterThan(from);
    expect(seen).toBeLessThan(to);
  };
  between((input) => input.device, 0.85, 0.98);
  between((input) => input.session, 0.83, 0.97);
  between((input) => input.dict, 0.65, 0.87);
  between((input) => input.session?.behaviourAnomaly, 0.45, 0.75);
  between((input) => input.device?.distanceFromUsualKm, 0.35, 0.65);
});

test('keys, transaction ids and look-ups follow the initiation form', () => {
  for (const { payment: input } of all) {
    const typed = input.initiationForm === 'MANU' || input.initiationForm === 'AUTO';
    expect(input.payee.key === undefined).toBe(typed);
    if (typed || input.payer.ispb === input.payee.ispb) expect(input.dict).toBeUndefined();
    if (input.initiationForm === 'MANU' || input.initiationForm === 'DICT') expect(input.txId).toBeUndefined();
    if (input.initiationForm === 'QRDN') expect(input.txId).toMatch(/^[A-Za-z0-9]{26,35}$/);
    const prefix = input.initiatorTaxId?.slice(0, 8) ?? input.payer.ispb;
    expect(input.endToEndId.slice(1, 9)).toBe(prefix);
  }
});

test('amounts and hours look like those of the country', () => {
  const cents = all.map(({ payment: input }) => Number(input.amount.replace('.', '')));
  // About 61 % of all Pix are below R$ 100; the mean was about R$ 430 in 2025 (BCB).
  expect(share(cents, (amount) => amount < 10_000)).toBeGreaterThan(0.5);
  expect(share(cents, (amount) => amount < 10_000)).toBeLessThan(0.7);
  const mean = cents.reduce((sum, amount) => sum + amount, 0) / cents.length / 100;
  expect(mean).toBeGreaterThan(250);
  expect(mean).toBeLessThan(800);
  const hours = all.map(({ atMs }) => new Date(atMs - 3 * 3_600_000).getUTCHours());
  expect(share(hours, (hour) => hour < 6)).toBeLessThan(0.06);
  expect(share(hours, (hour) => hour >= 17)).toBeGreaterThan(0.3);
});

test('part of the fraud is never agreed, and contested honest payments mostly are not fraud', () => {
  const result = ({ outcomes }: SimulatedPayment) => outcomes.at(-1)?.result;
  const frauds = all.filter(({ truth }) => truth.fraud);
  const agreed = share(frauds, (fraud) => result(fraud) === 'agreed');
  expect(agreed).toBeGreaterThan(0.4);
  expect(agreed).toBeLessThan(0.85);
  const contested = all.filter((one) => !one.truth.fraud && one.outcomes.length > 0);
  expect(contested.length).toBeGreaterThan(3);
  expect(share(contested, (one) => result(one) === 'agreed')).toBeLessThan(0.5);
});

test('no single present part or form tells fraud', () => {
  const shape = ({ payment: input }: SimulatedPayment) =>
    `${input.side} ${input.initiationForm} ${!!input.device} ${!!input.session} ${!!input.dict} ${!!input.txId}`;
  const shapes = new Map<string, { count: number; frauds: number }>();
  for (const one of all) {
    const seen = shapes.get(shape(one)) ?? { count: 0, frauds: 0 };
    seen.count++;
    if (one.truth.fraud) seen.frauds++;
    shapes.set(shape(one), seen);
  }
  for (const { count, frauds } of shapes.values()) if (frauds > 3) expect(frauds / count).toBeLessThan(0.06);
});
