import { layoutOf } from '@vigia/features';
import { testPrefix, valkeyServer } from '@vigia/testing';
import fc from 'fast-check';
import { BruteForce } from './brute-force.fixture.js';
import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';

const START_MS = 1_700_000_000_000;
let url: string;

beforeAll(async () => {
  url = await valkeyServer();
});

const step = fc.record({
  kind: fc.constantFrom('observe', 'observe', 'observe', 'observe', 'read', 'label', 'label'),
  // Edges of the windows to the millisecond, ties, and touches that come late.
  afterMs: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(0, 0, 1, 2, 300, 700) },
    { weight: 3, arbitrary: fc.constantFrom(999, 1_000, 1_001, 1_999, 2_000, 4_999, 5_000, 5_001) },
    { weight: 1, arbitrary: fc.constantFrom(19_999, 20_000, 24_999, 25_000, 25_001, 90_000_000) },
    { weight: 2, arbitrary: fc.constantFrom(-1, -300, -4_000, -30_000) },
  ),
  amountCents: fc.oneof(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.integer({ min: 2 ** 40, max: 2 ** 45 }),
  ),
  payer: fc.constantFrom('p1', 'p1', 'p1', 'p2', null),
  payee: fc.constantFrom('p1', 'q1', 'q1', null),
  counterparty: fc.constantFrom('k1.a', 'k1.b', 'k1.c', 'k1.d', null),
  /** Which of the earlier events is repeated (one time in ten) or labelled. */
  earlier: fc.nat(),
  fraud: fc.boolean(),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function entitiesOf({ payer, payee, counterparty }: Step) {
  return [
    payer && { key: payer, counterparty },
    payee && { key: payee, counterparty: payer },
    payee && { key: payee, counterparty: null },
    payer && payee && { key: `${payer}-${payee}`, counterparty },
  ].map((entity) => entity || null);
}

test('random histories: every number of every answer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (steps) => {
      const store = await OnlineStore.connect({ url, plan, prefix: testPrefix(), timeoutMs: 10_000 });
      const brute = new BruteForce(plan);
      const past: { atMs: number; eventId: string; entities: ReturnType<typeof entitiesOf> }[] = [];
      let nowMs = START_MS;
      try {
        for (const [i, s] of steps.entries()) {
          const earlier = past[s.earlier % Math.max(1, past.length)];
          if (s.kind === 'label') {
            const request = { ...(earlier ?? { atMs: nowMs, eventId: 'E0', entities: entitiesOf(s) }), fraud: s.fraud };
            expect(await store.label(request)).toEqual(brute.label(request));
            continue;
          }
          const atMs = nowMs + s.afterMs;
          nowMs = Math.max(nowMs, atMs);
          const eventId = earlier && s.earlier % 10 === 0 ? earlier.eventId : `E${i}`;
          const entities = entitiesOf(s);
          const request = { eventId, atMs, amountCents: s.amountCents, observe: s.kind === 'observe', entities };
          const got = await store.observe(request);
          expect({ ...got, values: [...got.values] }).toEqual(brute.observe(request));
          if (got.first) past.push({ atMs, eventId, entities });
        }
      } finally {
        store.close();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);

test.each([
  ['falling', (i: number) => 1_000_000 - i],
  ['rising', (i: number) => 1 + i],
  ['waves', (i: number) => 1_000 + Math.round(900 * Math.sin(i / 40)) - (i % 7)],
  ['equal', () => 500],
])('%s amounts, more than the kept entries of an extreme', async (_, amountOf) => {
  const store = await OnlineStore.connect({ url, plan, prefix: testPrefix(), timeoutMs: 10_000 });
  const brute = new BruteForce(plan);
  for (let i = 0; i < 500; i++) {
    const request = {
      eventId: `E${i}`,
      atMs: START_MS + i * (i % 100 < 90 ? 40 : 400),
      amountCents: amountOf(i),
      observe: i % 9 > 0,
      entities: [{ key: 'p', counterparty: `k1.${i % 11}` }, null, { key: 'p', counterparty: null }, null],
    };
    const got = await store.observe(request);
    expect({ ...got, values: [...got.values] }).toEqual(brute.observe(request));
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
