import { slot } from '@vigia/features';
import { testPrefix, valkeyServer, waitFor } from '@vigia/testing';
import { OnlineStore, type Observation } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';

jest.setTimeout(60_000);

const AT_MS = 1_700_000_000_000;
const payment = {
  eventId: 'E12345678202311142213abcdefghijk',
  atMs: AT_MS,
  amountCents: 95_000,
  observe: true,
  entities: [{ key: 'p', counterparty: 'k1.q' }, { key: 'q', counterparty: 'k1.p' }, null, null],
};
const countOf = ({ values }: Observation) => values[slot(plan, 0, 1, 'count')];
const stores: OnlineStore[] = [];

async function storeOf(idempotencyMs?: number): Promise<OnlineStore> {
  const common = { url: await valkeyServer(), plan, prefix: testPrefix(), timeoutMs: 10_000 };
  stores.push(await OnlineStore.connect(idempotencyMs ? { ...common, idempotencyMs } : common));
  return stores.at(-1)!;
}

afterAll(() => stores.forEach((store) => store.close()));

test('a repeat reads what the first call added', async () => {
  const store = await storeOf();
  const first = await store.observe(payment);
  const repeat = await store.observe(payment);
  expect([first.first, repeat.first]).toEqual([true, false]);
  expect([countOf(first), countOf(repeat)]).toEqual([1, 1]);
});

test('of many repeats at once exactly one is the first', async () => {
  const store = await storeOf();
  const answers = await Promise.all(Array.from({ length: 50 }, () => store.observe(payment)));
  expect(answers.filter(({ first }) => first)).toHaveLength(1);
  expect(new Set(answers.map(countOf))).toEqual(new Set([1]));
});

test('a read alone leaves the event to be added later', async () => {
  const store = await storeOf();
  await store.observe({ ...payment, eventId: 'another' });
  expect(countOf(await store.observe({ ...payment, observe: false }))).toBe(1);
  const added = await store.observe(payment);
  expect([added.first, countOf(added)]).toEqual([true, 2]);
});

test('after the idempotency time the same id is a new event', async () => {
  const store = await storeOf(20);
  await store.observe(payment);
  await waitFor(async () => (await store.observe(payment)).first);
  expect(countOf(await store.observe({ ...payment, observe: false }))).toBe(2);
});

test('a payment without any entity is still known by its id', async () => {
  const store = await storeOf();
  const nobody = { ...payment, entities: [null, null, null, null] };
  const answers = [await store.observe(nobody), await store.observe(nobody)];
  expect(answers.map(({ first }) => first)).toEqual([true, false]);
  expect([...answers[0]!.values].every(Number.isNaN)).toBe(true);
});
