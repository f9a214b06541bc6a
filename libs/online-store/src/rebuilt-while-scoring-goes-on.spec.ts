import { startValkey, testPrefix, valkeyServer, waitFor } from '@vigia/testing';
import { Redis } from 'ioredis';
import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';
import { Rebuild, type PastCall, type RebuildOptions } from './rebuild.js';
import { Traffic } from './traffic.fixture.js';
import type { ObserveRequest } from './wire.js';

jest.setTimeout(240_000);

const HOUR_MS = 3_600_000;
const closers: (() => unknown)[] = [];
let url: string;
let prefix: string;
let redis: Redis;
let store: OnlineStore;
let traffic: Traffic;

beforeEach(async () => {
  await open(await valkeyServer());
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(at: string): Promise<void> {
  url = at;
  prefix = testPrefix();
  const admin = new Redis(url);
  admin.on('error', () => undefined);
  const windows = await OnlineStore.connect({ url, plan, prefix, timeoutMs: 10_000 });
  closers.push(() => admin.disconnect());
  closers.push(() => windows.close());
  [redis, store, traffic] = [admin, windows, new Traffic(windows)];
}

const options = (more: Partial<RebuildOptions> = {}): RebuildOptions => ({
  plan,
  prefix,
  history: traffic.history,
  reachMs: HOUR_MS,
  paymentsPerSecond: 100_000,
  settleMs: 100,
  ...more,
});
const rebuild = (more: Partial<RebuildOptions> = {}) => Rebuild.run({ url }, options(more));
const keysThere = async () => (await redis.keys(`${prefix}:${plan.id}:*`)).filter((key) => !key.includes(':seen:'));

/** Traffic until the promise is settled. */
async function during<T>(work: Promise<T>): Promise<T> {
  let over = false;
  const settled = work.finally(() => (over = true));
  settled.catch(() => undefined);
  while (!over) await traffic.send(50);
  return settled;
}

async function expectExact(): Promise<void> {
  expect(await traffic.vectors(store)).toEqual(await traffic.vectorsAnew(url, testPrefix()));
}

/** The state as it would be after a loss: what the ledger has is not in the windows. */
async function lose(): Promise<void> {
  const keys = (await keysThere()).filter((_, i) => i % 3 === 0);
  await redis.del(...keys);
}

test('a lossy state: afterwards every number is that of a store that got the history alone', async () => {
  await traffic.send(3_000);
  await lose();
  const lossy = await traffic.vectors(store);
  const { replayed, dropped } = await during(rebuild({ paymentsPerSecond: 4_000 }));
  expect(lossy).not.toEqual(await traffic.vectorsAnew(url, testPrefix()));
  expect(traffic.ledger.length).toBeGreaterThan(3_200);
  expect(replayed).toBeGreaterThanOrEqual(traffic.ledger.filter((_, i) => i < 2_900).length);
  expect(dropped).toBeGreaterThan(10);
  await expectExact();
  await traffic.send(500);
  await expectExact();
});

test('one after the other: each drops the generation before, and repeats count once in all', async () => {
  await traffic.send(500);
  const before = await keysThere();
  await rebuild();
  await during(rebuild());
  await expectExact();
  const suffixes = new Set((await keysThere()).map((key) => /#\w+/.exec(key)?.[0]));
  expect([...suffixes].sort()).toEqual([expect.stringMatching(/^#/), '#live'].sort());
  expect((await keysThere()).length).toBeLessThanOrEqual(before.length + 1 + 2 * 12 * 3);
});

test('rows that reach the ledger only after calls are copied', async () => {
  await traffic.send(500);
  const late = traffic.ledger.splice(450);
  const history = (fromUs: number, toUs: number) => traffic.history(fromUs, toUs);
  await rebuild({
    history,
    onProgress: (_, step) => {
      if (step === 'taking over') traffic.ledger.push(...late.splice(0));
    },
  });
  await expectExact();
});

/** A payment that the ledger has, though its service could not bring it to the windows. */
async function lost(): Promise<ObserveRequest> {
  const request = { ...traffic.payment(), observe: true };
  const { arrivedUs } = await store.observe({ ...request, peek: true });
  traffic.ledger.push({ kind: 'payment', arrivedUs, request });
  return request;
}

test('a payment that its service believed lost, and that came through while calls were copied, is there once', async () => {
  await traffic.send(300);
  const request = await lost();
  let sent: Promise<unknown> | undefined;
  await rebuild({ onProgress: (_, step) => void (step === 'taking over' && (sent ??= store.observe(request))) });
  await sent;
  await expectExact();
});

test('a payment that was lost, that the rebuild brought, and that its caller repeats, is there once', async () => {
  await traffic.send(300);
  const request = await lost();
  await rebuild();
  expect(await store.observe(request)).toMatchObject({ first: false });
  await expectExact();
});

test.each([
  ['while calls are copied', 'taking over'],
  ['when the new state serves', 'done'],
])('a payment that reached the windows, and the ledger only when it was repeated %s', async (_, when) => {
  await traffic.send(300);
  const request = { ...traffic.payment(), observe: true };
  await store.observe(request);
  let repeated: Promise<unknown> | undefined;
  const repeat = async (): Promise<void> => {
    const { arrivedUs } = await store.observe(request);
    traffic.ledger.push({ kind: 'payment', arrivedUs, request });
  };
  await rebuild({ onProgress: (_share, step) => void (step === when && (repeated ??= repeat())) });
  await repeated;
  await expectExact();
  await rebuild();
  await store.observe(request);
  await expectExact();
});

test('killed half way and begun again: goes on where it was', async () => {
  await traffic.send(2_000);
  await lose();
  const asked: number[] = [];
  const history = async function* (fromUs: number, toUs: number): AsyncGenerator<PastCall> {
    asked.push(fromUs);
    let told = 0;
    for await (const call of traffic.history(fromUs, toUs)) {
      if (asked.length === 1 && told++ === 1_000) throw new Error('killed');
      yield call;
    }
  };
  await expect(during(rebuild({ history }))).rejects.toThrow('killed');
  await during(rebuild({ history }));
  expect(asked[1]).toBeGreaterThan(asked[0]!);
  await expectExact();
});

test('killed while calls are copied and begun again', async () => {
  await traffic.send(1_000);
  const control = new AbortController();
  const onProgress = (_: number, step: string) => void (step === 'taking over' && control.abort(new Error('killed')));
  await expect(during(rebuild({ onProgress, signal: control.signal }))).rejects.toThrow('killed');
  await traffic.send(300);
  await during(rebuild());
  await expectExact();
});

test('killed while the old generation is dropped and begun again', async () => {
  await traffic.send(500);
  const control = new AbortController();
  const onProgress = (_: number, step: string) =>
    void (step.startsWith('dropping') && control.abort(new Error('killed')));
  await expect(rebuild({ onProgress, signal: control.signal })).rejects.toThrow('killed');
  await expectExact();
  expect((await rebuild()).dropped).toBeGreaterThan(10);
  expect(await redis.exists(`${prefix}:${plan.id}:#live:rebuild`)).toBe(0);
  await expectExact();
});

test('a tail that outgrows its bound is freed, and taking over is tried again', async () => {
  await traffic.send(500);
  let attempts = 0;
  let sent: Promise<void> | undefined;
  const onProgress = (_: number, step: string): void => {
    if (step === 'taking over' && attempts++ < 2) sent = traffic.send(60);
  };
  await rebuild({ onProgress, tailBound: 20, settleMs: 300 });
  await sent;
  expect(attempts).toBeGreaterThan(2);
  await expectExact();
});

test('a tail that outgrows its bound while it is applied', async () => {
  await traffic.send(200);
  let sent: Promise<void> | undefined;
  const onProgress = (_: number, step: string) => void (step === 'taking over' && (sent ??= traffic.send(400)));
  await rebuild({ onProgress, tailBound: 500, settleMs: 300, paymentsPerSecond: 2_000 });
  await sent;
  await expectExact();
});

test('a rebuild that never catches up says so, and leaves no tail', async () => {
  await traffic.send(100);
  const onProgress = (_: number, step: string) => void (step === 'taking over' && traffic.send(50));
  const failed = rebuild({ onProgress, tailBound: 1 });
  await expect(failed).rejects.toMatchObject({ code: 'overloaded' });
  expect(await redis.exists(`${prefix}:${plan.id}:#live:tail`)).toBe(0);
  await traffic.send(100);
  await rebuild();
  await expectExact();
});

test('two runs of one rebuild: no call is replayed twice', async () => {
  await traffic.send(1_000);
  const runs = await Promise.allSettled([rebuild(), rebuild()]);
  for (const run of runs)
    if (run.status === 'rejected') expect(run.reason).toMatchObject({ code: 'dependency_unavailable' });
  await rebuild();
  await expectExact();
});

test('the server goes away and comes back with what it had on disk: an error, then the rest', async () => {
  const server = await startValkey({ settings: { appendonly: 'yes', appendfsync: 'always' } });
  closers.push(() => server.stop());
  await open(server.url);
  await traffic.send(1_500);
  let killed: Promise<void> | undefined;
  const onProgress = (share: number) => void (share > 0.4 && (killed ??= server.kill9()));
  await expect(rebuild({ onProgress, paymentsPerSecond: 2_000 })).rejects.toMatchObject({
    code: 'dependency_unavailable',
  });
  await killed;
  await server.restart();
  await waitFor(() => store.ready, { timeoutMs: 30_000 });
  await during(rebuild());
  await expectExact();
});

test('the server goes away while calls are copied: they are copied anew', async () => {
  const server = await startValkey({ settings: { appendonly: 'yes', appendfsync: 'always' } });
  closers.push(() => server.stop());
  await open(server.url);
  await traffic.send(300);
  let killed: Promise<void> | undefined;
  const onProgress = (_: number, step: string) => void (step === 'taking over' && (killed ??= server.kill9()));
  await expect(rebuild({ onProgress })).rejects.toMatchObject({ code: 'dependency_unavailable' });
  await killed;
  await server.restart();
  await waitFor(() => store.ready, { timeoutMs: 30_000 });
  await traffic.send(50);
  // As if the last second had not reached the disk.
  await redis.rpop(`${prefix}:${plan.id}:#live:tail`);
  await rebuild();
  await expectExact();
});

test('a server without memory for a second generation says so', async () => {
  const server = await startValkey();
  closers.push(() => server.stop());
  await open(server.url);
  await traffic.send(300);
  await redis.config('SET', 'maxmemory', '1mb');
  await expect(rebuild()).rejects.toMatchObject({ code: 'storage_full' });
  await redis.config('SET', 'maxmemory', '0');
  await rebuild();
  await expectExact();
});
