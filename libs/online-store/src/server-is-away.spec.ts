import { slot } from '@vigia/features';
import { startValkey, testPrefix, valkeyServer, waitFor } from '@vigia/testing';
import { Redis } from 'ioredis';
import { libraryName } from './function-source.js';
import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';

jest.setTimeout(60_000);

type Server = Awaited<ReturnType<typeof startValkey>>;

const stores: OnlineStore[] = [];
let events = 0;

async function connect(url: string, timeoutMs = 10_000, ofPlan = plan): Promise<OnlineStore> {
  stores.push(await OnlineStore.connect({ url, plan: ofPlan, prefix: testPrefix(), timeoutMs }));
  return stores.at(-1)!;
}

function pay(store: OnlineStore) {
  return store.observe({
    eventId: `E${events++}`,
    atMs: 1_700_000_000_000,
    amountCents: 100,
    observe: true,
    entities: [{ key: 'p', counterparty: 'k1.secret' }, null, null, null],
  });
}

/** A server of the case's own, which it may stop and kill. */
async function withServer(use: (server: Server) => Promise<void>): Promise<void> {
  const server = await startValkey();
  try {
    await use(server);
  } finally {
    process.kill(server.pid, 'SIGCONT');
    closeStores();
    await server.stop();
  }
}

const closeStores = () => stores.splice(0).forEach((store) => store.close());

afterEach(closeStores);

const unavailable = expect.objectContaining({ code: 'dependency_unavailable', kind: 'weather' });

test('functions that vanish are loaded again within the call', async () => {
  const url = await valkeyServer();
  const ofPlan = { ...plan, id: 'fedcba987654' };
  const store = await connect(url, 10_000, ofPlan);
  await pay(store);
  const admin = new Redis(url);
  await admin.call('FUNCTION', 'DELETE', libraryName(ofPlan));
  admin.disconnect();
  const answers = await Promise.all([pay(store), pay(store)]);
  expect(answers.map(({ values }) => values[slot(ofPlan, 0, 0, 'count')])).toEqual([2, 3]);
});

test(
  'a server that is away at the start: calls fail, and work once it is there',
  () =>
    withServer(async (server) => {
      await server.kill9();
      const store = await connect(server.url);
      expect(store.ready).toBe(false);
      await expect(pay(store)).rejects.toEqual(unavailable);
      await server.restart();
      await waitFor(() => store.ready);
      expect((await pay(store)).first).toBe(true);
    }),
  60_000,
);

test(
  'a server that dies and comes back empty: calls fail meanwhile, functions and windows begin anew',
  () =>
    withServer(async (server) => {
      const store = await connect(server.url);
      await pay(store);
      await server.kill9();
      await waitFor(() => !store.ready);
      await expect(pay(store)).rejects.toEqual(unavailable);
      await server.restart();
      await waitFor(() => store.ready);
      expect((await pay(store)).values[slot(plan, 0, 0, 'count')]).toBe(1);
    }),
  60_000,
);

test(
  'a hung server: the first call waits for the limit, the next fail at once, until it answers',
  () =>
    withServer(async (server) => {
      const store = await connect(server.url, 300);
      await waitFor(async () => (await pay(store)).first);
      process.kill(server.pid, 'SIGSTOP');
      await expect(pay(store)).rejects.toEqual(unavailable);
      expect(store.ready).toBe(false);
      const failed = pay(store).then(
        () => 'answered',
        () => 'failed',
      );
      // Nothing is sent: it has failed before the event loop turns.
      expect(await Promise.race([failed, new Promise((resolve) => setImmediate(resolve, 'waits'))])).toBe('failed');
      process.kill(server.pid, 'SIGCONT');
      await waitFor(() => store.ready);
      await waitFor(async () => (await pay(store)).first);
    }),
  60_000,
);

test(
  'a server that stays silent: its connection is given up for a new one',
  () =>
    withServer(async (server) => {
      const store = await connect(server.url, 100);
      await waitFor(() => store.ready);
      process.kill(server.pid, 'SIGSTOP');
      let closed = false;
      store['client'].once('close', () => (closed = true));
      await expect(pay(store)).rejects.toEqual(unavailable);
      await waitFor(() => closed);
      process.kill(server.pid, 'SIGCONT');
      await waitFor(() => store.ready);
      await waitFor(async () => (await pay(store)).first);
    }),
  60_000,
);

test(
  'a server that is silent at the start does not hold it up',
  () =>
    withServer(async (server) => {
      process.kill(server.pid, 'SIGSTOP');
      const store = await connect(server.url, 100);
      expect(store.ready).toBe(false);
      process.kill(server.pid, 'SIGCONT');
      await waitFor(() => store.ready);
      await waitFor(async () => (await pay(store)).first);
    }),
  60_000,
);

test(
  'a user who may not load functions is refused at the start',
  () =>
    withServer(async (server) => {
      const admin = new Redis(server.url);
      await admin.call('ACL', 'SETUSER', 'reader', 'on', '>word', '~*', '+@all', '-function');
      admin.disconnect();
      await expect(connect(server.url.replace('redis://', 'redis://reader:word@'))).rejects.toThrow(/NOPERM/);
    }),
  60_000,
);

test(
  'errors carry no key and no counterparty',
  () =>
    withServer(async (server) => {
      const store = await connect(server.url);
      await pay(store);
      const admin = new Redis(server.url);
      // A key of another type makes the function itself fail.
      const [key] = await admin.keys('*:payer:p');
      await admin.del(key!);
      await admin.lpush(key!, 'x');
      admin.disconnect();
      const error = await pay(store).catch((e: unknown) => e as Error);
      expect(error).toEqual(unavailable);
      const { cause } = error as Error;
      expect(JSON.stringify({ ...(cause as object) }) + String(cause)).not.toMatch(/payer:p|k1\.secret/);
    }),
  60_000,
);
