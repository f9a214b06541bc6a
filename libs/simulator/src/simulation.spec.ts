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

test('outcomes are known after their payment and events come in time order', () => {
  let lastMs = 0;
  const paidAtMs = new Map<string, number>();
  for (const event of simulateEvents({ ...options, days: 6 })) {
    expect(event.atMs).toBeGreaterThanOrEqual(lastMs);
    lastMs = event.atMs;
    if (event.kind === 'payment') paidAtMs.set(event.payment.endToEndId, event.atMs);
    else expect(event.atMs).toBeGreaterThan(paidAtMs.get(event.outcome.endToEndId)!);
  }
});
