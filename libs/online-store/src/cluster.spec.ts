import { HEADER, layoutOf } from '@vigia/features';
import { startValkey, testPrefix, waitFor } from '@vigia/testing';
import { Redis } from 'ioredis';
import { createServer, type AddressInfo } from 'node:net';
import { BruteForce } from './brute-force.fixture.js';
import { dropState } from './drop-state.js';
import { libraryName } from './function-source.js';
import { Inspection } from './inspection.js';
import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';
import { Rebuild } from './rebuild.js';
import { Traffic } from './traffic.fixture.js';

jest.setTimeout(60_000);

type Server = Awaited<ReturnType<typeof startValkey>>;

const SLOTS = 16_384;
const START_MS = 1_700_000_000_000;
const servers: Server[] = [];
let nodes: Redis[] = [];
let store: OnlineStore;
let clusterUrls: string[];
const prefix = testPrefix();

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

beforeAll(async () => {
  const busPorts = [await freePort(), await freePort(), await freePort()];
  for (const busPort of busPorts) {
    servers.push(await startValkey({ settings: { 'cluster-enabled': 'yes', 'cluster-port': String(busPort) } }));
  }
  nodes = servers.map(({ url }) => new Redis(url));
  for (const [i, node] of nodes.entries()) {
    const [from, to] = [i, i + 1].map((third) => Math.floor((third * SLOTS) / 3));
    await node.call('CLUSTER', 'ADDSLOTSRANGE', from!, to! - 1);
    if (i > 0) await node.call('CLUSTER', 'MEET', '127.0.0.1', servers[0]!.port, busPorts[0]!);
  }
  for (const node of nodes) {
    await waitFor(
      async () => /cluster_state:ok[^]*cluster_known_nodes:3/.test(String(await node.call('CLUSTER', 'INFO'))),
      {
        timeoutMs: 30_000,
      },
    );
  }
  clusterUrls = servers.map(({ url }) => url);
  store = await OnlineStore.connect({ clusterUrls, plan, prefix, timeoutMs: 10_000 });
}, 60_000);

afterAll(async () => {
  store.close();
  nodes.forEach((node) => node.disconnect());
  await Promise.all(servers.map((server) => server.stop()));
});

test('entities on different nodes: every number, repeats and labels as on one node', async () => {
  const brute = new BruteForce(plan);
  for (let n = 0; n < 200; n++) {
    const i = n % 11 === 0 ? n >> 1 : n;
    const [payer, payee] = [`p${i % 7}`, `q${i % 5}`];
    const request = {
      eventId: `E${i}`,
      atMs: START_MS + i * 130,
      amountCents: 1 + ((i * 7_919) % 1_000),
      observe: i % 10 > 0,
      entities: [
        { key: payer, counterparty: payee },
        i % 3 > 0 ? { key: payee, counterparty: payer } : null,
        { key: payer, counterparty: null },
        { key: `${payer}-${payee}`, counterparty: null },
      ],
    };
    const got = await store.observe(request);
    expect({ first: got.first, values: [...got.values] }).toEqual(brute.observe(request));
    const label = { ...request, fraud: i % 4 > 0 };
    if (n % 6 === 0) expect((await store.label(label)).results).toEqual(brute.label(label));
  }
  for (const node of nodes) expect(await node.dbsize()).toBeGreaterThan(0);
});

test('a payment without any entity is still known by its id', async () => {
  const nobody = { eventId: 'N', atMs: START_MS, amountCents: 1, observe: true, entities: [null, null, null, null] };
  expect((await store.observe(nobody)).first).toBe(true);
  expect((await store.observe(nobody)).first).toBe(false);
});

test('no rebuild in place: it is refused, however the Cluster is named', async () => {
  const history = () => new Traffic(store).history(0, 0);
  const options = { plan, prefix, history, reachMs: 0, paymentsPerSecond: 1 };
  for (const server of [{ clusterUrls }, { url: clusterUrls[0]! }])
    await expect(Rebuild.run(server, options)).rejects.toMatchObject({ code: 'invalid_request' });
});

test('the state is looked at and dropped on every node', async () => {
  const other = { ...plan, id: 'ffffffffffff' };
  const old = await OnlineStore.connect({ clusterUrls, plan: other, prefix, timeoutMs: 10_000 });
  for (let i = 0; i < 30; i++) {
    const entities = [{ key: `d${i}`, counterparty: 'k1.x' }, null, null, null];
    await old.observe({ eventId: `D${i}`, atMs: START_MS, amountCents: 1, observe: true, entities });
  }
  old.close();
  const { states, hottest } = await new Inspection({ clusterUrls }, other, prefix).look();
  expect(states['payer']!.entities).toBeCloseTo(30);
  expect(hottest[0]).toMatchObject({ state: 'payer', entity: expect.stringMatching(/^d\d+$/) });
  const count = async () => (await Promise.all(nodes.map((node) => node.dbsize()))).reduce((a, b) => a + b);
  const before = await count();
  expect((await dropState({ clusterUrls }, { prefix, planId: other.id })).keys).toBe(90);
  expect(await count()).toBe(before - 90);
});

test('a node that lost its functions gets them again', async () => {
  for (const node of nodes) await node.call('FUNCTION', 'DELETE', libraryName(plan));
  const entities = ['a', 'b', 'c', 'd', 'e'].map((key) => [{ key, counterparty: null }, null, null, null]);
  const answers = await Promise.all(
    entities.map((of, i) =>
      store.observe({ eventId: `L${i}`, atMs: START_MS, amountCents: 1, observe: true, entities: of }),
    ),
  );
  expect(answers.every(({ first }) => first)).toBe(true);
});

test('a node that is gone for a while: the repeat adds the event to each entity once', async () => {
  const payments = Array.from({ length: 20 }, (_, i) => ({
    eventId: `G${i}`,
    atMs: START_MS,
    amountCents: 1,
    observe: true,
    entities: [{ key: `g${i}`, counterparty: null }, { key: `h${i}`, counterparty: null }, null, null],
  }));
  await servers[0]!.kill9();
  const outcomes = await Promise.allSettled(payments.map((payment) => store.observe(payment)));
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(failed.length).toBeGreaterThan(0);
  for (const { reason } of failed) expect(reason).toMatchObject({ code: 'dependency_unavailable' });
  await servers[0]!.restart();
  for (const payment of payments) {
    await waitFor(async () => Boolean(await store.observe(payment)), { timeoutMs: 30_000 });
    const { values } = await store.observe({ ...payment, atMs: START_MS + 1 });
    const positions = [0, 1].map((entity) => values[layoutOf(plan).offsets[entity]! + HEADER.indexOf('position')]);
    expect(positions).toEqual([1, 1]);
  }
}, 60_000);
