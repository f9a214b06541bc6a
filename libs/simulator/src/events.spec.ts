import type { OutcomeInput } from '@vigia/contracts';
import { simulateEvents, type SimulatedEvent } from './index.js';

const startMs = Date.UTC(2026, 8, 1, 3);
let events: SimulatedEvent[];

beforeAll(() => {
  events = [...simulateEvents({ seed: 4, startMs, days: 6, paymentsPerDay: 3_000, fraudShare: 0.004 })];
});

test('payments and outcomes come in time order, each outcome after its payment', () => {
  let lastMs = 0;
  const paidAtMs = new Map<string, number>();
  for (const event of events) {
    expect(event.atMs).toBeGreaterThanOrEqual(lastMs);
    lastMs = event.atMs;
    if (event.kind === 'payment') paidAtMs.set(event.payment.endToEndId, event.atMs);
    else expect(event.atMs).toBeGreaterThan(paidAtMs.get(event.outcome.endToEndId)!);
  }
});

test('every outcome comes, also after the last payment', () => {
  const owed: OutcomeInput[] = [];
  const came: OutcomeInput[] = [];
  for (const event of events) {
    if (event.kind === 'payment') owed.push(...event.outcomes);
    else came.push(event.outcome);
  }
  const byId = (one: OutcomeInput) => `${one.endToEndId} ${one.result}`;
  expect(came.map(byId).sort()).toEqual(owed.map(byId).sort());
  expect(events.at(-1)!.kind).toBe('outcome');
});

test('results come hours to weeks after the payment', () => {
  const paidAtMs = new Map<string, number>();
  const hours: number[] = [];
  for (const event of events)
    if (event.kind === 'payment') paidAtMs.set(event.payment.endToEndId, event.atMs);
    else if (event.outcome.result !== 'open')
      hours.push((event.atMs - paidAtMs.get(event.outcome.endToEndId)!) / 3_600_000);
  hours.sort((one, other) => one - other);
  const median = hours[Math.floor(hours.length / 2)]!;
  expect(median).toBeGreaterThan(24);
  expect(median).toBeLessThan(24 * 14);
  expect(hours.at(-1)).toBeLessThan(24 * 90);
});
