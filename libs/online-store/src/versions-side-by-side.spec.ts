import { slot } from '@vigia/features';
import { startValkey, testPrefix, valkeyServer } from '@vigia/testing';
import { Redis } from 'ioredis';
import { dropState } from './drop-state.js';
import { Inspection } from './inspection.js';
import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';
import { Rebuild } from './rebuild.js';
import { Traffic } from './traffic.fixture.js';

jest.setTimeout(240_000);

const START_MS = 1_700_000_000_000;
const next = { ...plan, id: 'b0b1c2d3e4f5' };
const closers: (() => unknown)[] = [];
let url: string;
let prefix: string;
let redis: Redis;

beforeEach(async () => {
  use(await valkeyServer());
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function use(server: string): void {
  const admin = new Redis(server);
  closers.push(() => admin.disconnect());
  [url, prefix, redis] = [server, testPrefix(), admin];
}

async function open(ofPlan = plan): Promise<OnlineStore> {
  const store = await OnlineStore.connect({ url, plan: ofPlan, prefix, timeoutMs: 10_000 });
  closers.push(() => store.close());
  return store;
}

const pay = (i: number, key = 'p') => ({
  eventId: `E${i}`,
  atMs: START_MS + i,
  amountCents: 100,
  observe: true,
  entities: [{ key, counterparty: `k1.q${i}` }, { key: 'q', counterparty: null }, null, null],
});

test('each version adds each event once', async () => {
  const stores = [await open(), await open(next)];
  for (const store of stores) {
    expect((await store.observe(pay(1))).first).toBe(true);
    expect((await store.observe(pay(1))).first).toBe(false);
    const { first, values } = await store.observe(pay(2));
    expect([first, values[slot(plan, 0, 1, 'count')]]).toEqual([true, 2]);
  }
});

test('what is dropped of one version leaves the other as it is', async () => {
  const [old, live] = [await open(), await open(next)];
  for (let i = 0; i < 20; i++) for (const store of [old, live]) await store.observe(pay(i, `p${i}`));
  const ofLive = async () => (await redis.keys(`${prefix}:${next.id}:*`)).sort();
  const before = await ofLive();

  const counted = await dropState({ url }, { prefix, planId: plan.id, dryRun: true });
  expect(await redis.keys(`${prefix}:${plan.id}:*`)).toHaveLength(counted.keys);
  expect(counted.keys).toBeGreaterThan(60);
  expect(await dropState({ url }, { prefix, planId: plan.id })).toEqual(counted);
  expect(await redis.keys(`${prefix}:${plan.id}:*`)).toEqual([]);
  expect(await ofLive()).toEqual(before);
  expect((await live.observe({ ...pay(20), observe: false })).values[slot(plan, 1, 0, 'count')]).toBe(0);
  expect((await live.observe(pay(21, 'p1'))).values[slot(plan, 0, 1, 'count')]).toBe(2);
  // A service that is still there begins anew.
  expect((await old.observe(pay(1))).first).toBe(true);
  await dropState({ url }, { prefix, planId: plan.id });
});

test('an entity is seen under its pseudonym, with its memory, before and after a rebuild', async () => {
  // A look is a part of the whole, and others use the server of the tests too.
  const server = await startValkey();
  closers.push(() => server.stop());
  use(server.url);
  const store = await open();
  const traffic = new Traffic(store);
  await traffic.send(300);
  for (let i = 0; i < 200; i++) await store.observe({ ...pay(i, 'busy|one'), eventId: `B${i}` });
  const inspection = new Inspection({ url }, plan, prefix);
  const view = await inspection.look();
  const logs = (await redis.keys(`${prefix}:${plan.id}:payer:*`)).filter((key) => !key.endsWith(':c'));
  expect(view.states['payer']!.entities).toBeCloseTo(logs.length, -1);
  expect(view.states['payer']!.bytes).toBeGreaterThan(200 * 30);
  expect(view.hottest[0]).toMatchObject({ state: 'payer', entity: 'busy|one' });
  expect(view.newestEventMs).toBeGreaterThanOrEqual(START_MS);
  expect(view.evictedKeys).toBe(0);

  const options = { plan, prefix, history: traffic.history, reachMs: 3_600_000, paymentsPerSecond: 1e5, settleMs: 50 };
  await Rebuild.run({ url }, options);
  const names = (await inspection.look()).hottest.map(({ state, entity }) => `${state}:${entity}`);
  expect(names).toContain('payer:p1');
  expect(names.filter((name) => name.includes('#'))).toEqual([]);
});

test('the names of keys are taken for what they say, whatever the prefix', async () => {
  prefix = `${prefix}a*[b]`;
  const store = await open();
  await store.observe(pay(1));
  const elsewhere = `${prefix.replace('*', 'x').replace('[b]', 'b')}:${plan.id}:payer:p`;
  await redis.set(elsewhere, '');
  expect((await dropState({ url }, { prefix, planId: plan.id })).keys).toBe(4);
  expect(await redis.exists(elsewhere)).toBe(1);
});
