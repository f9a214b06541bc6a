import { slot } from '@vigia/features';
import { testPrefix, valkeyServer } from '@vigia/testing';
import { Redis } from 'ioredis';
import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';

jest.setTimeout(60_000);

const START_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;
/** The longest window of the payer in the test plan. */
const REACH_MS = 20_000;

let redis: Redis;
let store: OnlineStore;
let key: string;
let events: number;

beforeEach(async () => {
  const url = await valkeyServer();
  const prefix = testPrefix();
  redis = new Redis(url);
  store = await OnlineStore.connect({ url, plan, prefix, timeoutMs: 10_000 });
  key = `${prefix}:${plan.id}:payer:p`;
  events = 0;
});

afterEach(() => {
  store.close();
  redis.disconnect();
});

function pay(afterMs: number, counterparty: string | null = 'k1.q', observe = true) {
  return store.observe({
    eventId: `E${events++}`,
    atMs: START_MS + afterMs,
    amountCents: 100,
    observe,
    entities: [{ key: 'p', counterparty }, null, null, null],
  });
}

test('log and counterparties live as long as a window may need them, and two days', async () => {
  await pay(0);
  const [log, counterparties] = [await redis.pttl(key), await redis.pttl(`${key}:c`)];
  expect(log).toBeGreaterThan(REACH_MS + 2 * DAY_MS - 60_000);
  expect(log).toBeLessThanOrEqual(REACH_MS + 2 * DAY_MS);
  expect(counterparties).toBeGreaterThan(log);
});

test('within a day the expiry is left alone, after it renewed', async () => {
  await pay(0);
  await redis.pexpire(key, 50_000_000);
  await pay(1);
  await pay(DAY_MS - 1);
  expect(await redis.pttl(key)).toBeLessThanOrEqual(50_000_000);
  await pay(DAY_MS);
  expect(await redis.pttl(key)).toBeGreaterThan(REACH_MS + 2 * DAY_MS - 60_000);
});

test('an event that came just before the renewal was due outlives its windows', async () => {
  await pay(0);
  const expiresAfterMs = await redis.pttl(key);
  await pay(DAY_MS - 1);
  // The first payment told a time half a day ahead of the server's clock; the last that needs the second one comes half
  // a day late.
  const lastNeededMs = DAY_MS / 2 + DAY_MS - 1 + REACH_MS + DAY_MS / 2;
  expect(expiresAfterMs).toBeGreaterThan(lastNeededMs - 60_000);
  expect((await pay(DAY_MS - 1 + REACH_MS - 1, null, false)).values[slot(plan, 0, 1, 'count')]).toBe(1);
  expect((await pay(DAY_MS - 1 + REACH_MS, null, false)).values[slot(plan, 0, 1, 'count')]).toBe(0);
});

test('every key expires, also counterparties that come back after all have left', async () => {
  await pay(0);
  await pay(REACH_MS + 1, null);
  expect(await redis.exists(`${key}:c`)).toBe(0);
  await pay(REACH_MS + 2, 'k1.r');
  expect(await redis.pttl(`${key}:c`)).toBeGreaterThan(REACH_MS);
  expect(await redis.pttl(key)).toBeGreaterThan(REACH_MS);
});

test('dead events and their counterparties leave the store', async () => {
  // A thousand at once, then a trickle of two a second: 40 in the longest window.
  for (let i = 0; i < 1_000; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, k) => pay(i + k, `k1.${i + k}`)));
  }
  const full = await redis.strlen(key);
  expect(await redis.hlen(`${key}:c`)).toBe(1_000);
  for (let i = 0; i < 200; i++) await pay(1_000 + i * 500, `k1.${i % 90}`);
  expect(await redis.hlen(`${key}:c`)).toBe(40);
  expect(await redis.strlen(key)).toBeLessThan(full / 5);
});

test('counterparties that outlived their evicted log do not count again', async () => {
  for (let i = 0; i < 5; i++) await pay(i, `k1.${i}`);
  await redis.del(key);
  await pay(10, 'k1.0');
  const { values } = await pay(11, 'k1.1');
  expect(values[slot(plan, 0, 1, 'distinct')]).toBe(2);
  expect(values[slot(plan, 0, 1, 'count')]).toBe(2);
});
