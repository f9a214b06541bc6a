import { slot } from '@vigia/features';
import { testPrefix, valkeyServer } from '@vigia/testing';
import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';

jest.setTimeout(60_000);

const START_MS = 1_700_000_000_000;
const open = async () =>
  OnlineStore.connect({ url: await valkeyServer(), plan, prefix: testPrefix(), timeoutMs: 10_000 });
const pay = (eventId: string, atMs: number, adds = true) => ({
  eventId,
  atMs,
  amountCents: 100,
  observe: true,
  entities: [{ key: 'p', counterparty: `k1.${eventId}`, adds }, null, null, null],
});
const countOf = (values: Float64Array): number => values[slot(plan, 0, 1, 'count')]!;
const distinctOf = (values: Float64Array): number => values[slot(plan, 0, 1, 'distinct')]!;

test('a peek into the future changes neither the clock nor what a late payment finds', async () => {
  const store = await open();
  await store.observe(pay('a', START_MS));
  const peeked = await store.observe({ ...pay('b', START_MS + 60_000), observe: false, peek: true });
  expect([countOf(peeked.values), peeked.first]).toEqual([0, false]);
  const { values } = await store.observe(pay('a2', START_MS + 10));
  expect([values[0], countOf(values), distinctOf(values)]).toEqual([START_MS + 10, 2, 2]);
  store.close();
});

test('an entity that the payment is no event of is read and not added to', async () => {
  const store = await open();
  await store.observe(pay('a', START_MS));
  const { first, values } = await store.observe(pay('b', START_MS + 5, false));
  expect([first, countOf(values)]).toEqual([true, 1]);
  expect(countOf((await store.observe(pay('c', START_MS + 6))).values)).toBe(2);
  store.close();
});

test('arrivals follow each other by the clock of the server', async () => {
  const store = await open();
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => store.observe(pay(`e${i}`, START_MS + i))));
  const label = await store.label({ ...pay('e1', START_MS + 1), fraud: true });
  const arrivals = [...answers.map(({ arrivedUs }) => arrivedUs), label.arrivedUs];
  expect(new Set(arrivals).size).toBe(arrivals.length);
  expect([...arrivals].sort((a, b) => a - b)).toEqual(arrivals);
  expect(Math.abs(label.arrivedUs / 1000 - Date.now())).toBeLessThan(60_000);
  store.close();
});
