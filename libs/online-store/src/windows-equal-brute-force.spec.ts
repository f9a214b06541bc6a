import { HANDBOOK, PIX, layoutOf, onlinePlanOf, type OnlinePlan } from '@vigia/features';
import { testPrefix, valkeyServer } from '@vigia/testing';
import fc from 'fast-check';
import { BruteForce } from './brute-force.fixture.js';
import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';
import type { EntityRequest, ObserveRequest } from './wire.js';

jest.setTimeout(300_000);

const START_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;
let url: string;

beforeAll(async () => {
  url = await valkeyServer();
});

/** A payment, a read or a label. Few keys, so that the histories are long and entities meet in one state. */
function stepOf({ states, entities }: OnlinePlan) {
  const agesMs = states.flatMap(({ windows }) => windows.flatMap((w) => [w.delayMs, w.lengthMs + w.delayMs]));
  const reachMs = Math.max(...agesMs);
  const entity = fc.option(
    fc.record({
      key: fc.constantFrom('p1', 'p1', 'p1', 'p2'),
      counterparty: fc.constantFrom('k1.a', 'k1.b', 'k1.c', 'k1.d', null),
    }),
    { freq: 5 },
  );
  return fc.record({
    kind: fc.constantFrom('observe', 'observe', 'observe', 'observe', 'read', 'label', 'label'),
    // The edges of the windows to the millisecond, ties, long silence, and touches that come late.
    afterMs: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(0, 0, 1, 2) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: Math.ceil(reachMs / 30) }) },
      { weight: 3, arbitrary: fc.constantFrom(...agesMs.flatMap((age) => [age - 1, age, age + 1])) },
      { weight: 1, arbitrary: fc.constant(reachMs + DAY_MS) },
      { weight: 2, arbitrary: fc.constantFrom(-1, -300, -reachMs / 5, -reachMs - 10) },
    ),
    amountCents: fc.oneof(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 2 ** 40, max: 2 ** 45 }),
    ),
    entities: fc.tuple(...entities.map(() => entity)),
    /** Which of the earlier events is labelled, or repeated (one time in ten). */
    earlier: fc.nat(),
    fraud: fc.boolean(),
  });
}

test.each([
  ['all statistics in short windows', plan],
  ['the pix set', onlinePlanOf(PIX)],
  ['the handbook set', onlinePlanOf(HANDBOOK)],
])('random histories, %s: every number of every answer', async (_, ofPlan) => {
  const history = fc.array(stepOf(ofPlan), { maxLength: 150, size: 'max' });
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const store = await OnlineStore.connect({ url, plan: ofPlan, prefix: testPrefix(), timeoutMs: 10_000 });
      const brute = new BruteForce(ofPlan);
      const past: Pick<ObserveRequest, 'atMs' | 'eventId' | 'entities'>[] = [];
      let nowMs = START_MS;
      try {
        for (const [i, step] of steps.entries()) {
          const earlier = past[step.earlier % Math.max(1, past.length)];
          const entities: (EntityRequest | null)[] = step.entities;
          if (step.kind === 'label') {
            const request = { ...(earlier ?? { atMs: nowMs, eventId: 'E0', entities }), fraud: step.fraud };
            expect((await store.label(request)).results).toEqual(brute.label(request));
            continue;
          }
          const atMs = nowMs + step.afterMs;
          nowMs = Math.max(nowMs, atMs);
          const eventId = earlier && step.earlier % 10 === 0 ? earlier.eventId : `E${i}`;
          const { amountCents } = step;
          const request = { eventId, atMs, amountCents, observe: step.kind === 'observe', entities };
          const got = await store.observe(request);
          expect({ first: got.first, values: [...got.values] }).toEqual(brute.observe(request));
          if (got.first) past.push({ atMs, eventId, entities });
        }
      } finally {
        store.close();
      }
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['falling', (i: number) => 1_000_000 - i],
  ['rising', (i: number) => 1 + i],
  ['waves', (i: number) => 1_000 + Math.round(900 * Math.sin(i / 40)) - (i % 7)],
  ['equal', () => 500],
])('%s amounts, more than the kept entries of an extreme', async (_, amountOf) => {
  const store = await OnlineStore.connect({ url, plan, prefix: testPrefix(), timeoutMs: 10_000 });
  const brute = new BruteForce(plan);
  let atMs = START_MS;
  // 25 a second, with pauses: up to 500 in the longest window, which slides over twice as many.
  for (let i = 0; i < 1_200; i++) {
    atMs += i % 100 < 95 ? 40 : 300;
    const request = {
      eventId: `E${i}`,
      atMs,
      amountCents: amountOf(i),
      observe: i % 9 > 0,
      entities: [{ key: 'p', counterparty: `k1.${i % 11}` }, null, { key: 'p', counterparty: null }, null],
    };
    const got = await store.observe(request);
    expect({ first: got.first, values: [...got.values] }).toEqual(brute.observe(request));
  }
  store.close();
});

test('an entity that does not exist: zeros, and a read does not create it', async () => {
  const store = await OnlineStore.connect({ url, plan, prefix: testPrefix(), timeoutMs: 10_000 });
  const entities = [{ key: 'p', counterparty: 'k1.x' }, null, null, null];
  const read = { eventId: 'E1', amountCents: 1, observe: false, entities };
  const { values, first } = await store.observe({ ...read, atMs: START_MS + 10 });
  const { offsets } = layoutOf(plan);
  expect(first).toBe(false);
  expect([...values.slice(0, 3)]).toEqual([START_MS + 10, 0, 0]);
  expect([...values.slice(3, offsets[1])].every((value) => value === 0 || Number.isNaN(value))).toBe(true);
  // Had the read left a clock behind, this earlier one would be taken at it.
  expect((await store.observe({ ...read, atMs: START_MS })).values[0]).toBe(START_MS);
  store.close();
});
