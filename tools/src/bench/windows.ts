import { parseArgs } from 'node:util';
import { payment as paymentSchema, type PaymentInput, type PseudonymousPayment } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import { OnlineStore } from '@vigia/online-store';
import { Pseudonymiser } from '@vigia/platform';
import { simulateEvents } from '@vigia/simulator';
import { startValkey } from '@vigia/testing';
import { Redis } from 'ioredis';
import { Latencies } from './latencies.js';
import { measureFeastReads } from './peer.js';
import { round, table, type Bench } from './report.js';

const set = compileFeatureSet(PIX);
const SIZES = [10, 100, 1_000, 10_000, 50_000];
const CURVE_CALLS = 1_000;
const IN_FLIGHT = 16;
const FEAST_PAYMENTS = 5_000;

export const bench: Bench = {
  question:
    'What do exact windows cost: payments a second of one Valkey core, flat however many events, how many bytes?',
  async run(args, say) {
    const { values: options } = parseArgs({
      args,
      options: { payments: { type: 'string', default: '100000' }, seconds: { type: 'string', default: '10' } },
    });
    const count = Number(options.payments);
    const server = await startValkey();
    const redis = new Redis(server.url);
    const store = await OnlineStore.connect({ url: server.url, plan: set.plan, prefix: 'bench', timeoutMs: 60_000 });
    try {
      say(`simulating ${count.toLocaleString('en')} payments`);
      const inputs = paymentsOf(count + FEAST_PAYMENTS);
      const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.alloc(32, 'bench') });
      const payments = inputs.map((input) => pseudonymiser.payment(paymentSchema.parse(input)));
      const filling = payments.slice(0, count);

      say('observing them, sixteen on their way');
      const before = await usedBytes(redis);
      const loaded = await observeAll(store, filling, IN_FLIGHT, redis);
      const bytes = (await usedBytes(redis)) - before;
      const entities = await entitiesOf(redis);
      say(table([['state of', 'logs', 'events', 'bytes', 'bytes an event'], ...entities.rows]));

      const last = payments.slice(count);
      say('one at a time, with the vector: what a request pays');
      const lone = await observeAll(store, last, 1, redis);

      say('one hot payer and payee, from 10 to 50,000 events in their windows');
      const curve = await curveOf(store, redis, payments[0]!);
      say(table([['events', 'server µs a call'], ...SIZES.map((size, i) => [size, curve[i]!])]));

      say('Feast on the same server reads the stored features of these entities (it observes and computes nothing)');
      const vectors = await peekAll(store, last);
      const feast = await measureFeastReads(
        { valkeyUrl: server.url, payments: inputs.slice(count), vectors, seconds: Number(options.seconds) },
        say,
      );
      return {
        payments_per_s: Math.round(loaded.perSecond),
        server_us: loaded.serverUs,
        per_core: Math.round(1e6 / loaded.serverUs),
        p50_ms: lone.p50Ms,
        p99_ms: lone.p99Ms,
        us_at_10: curve[0],
        us_at_50000: curve.at(-1),
        curve: Object.fromEntries(SIZES.map((size, i) => [size, curve[i]])),
        bytes_per_event: round(entities.bytes / entities.events, 1),
        bytes_per_payment: Math.round(bytes / count),
        feast_rps: Math.round(feast.rps),
        feast_p99_ms: round(feast.p99_ms),
        ours_rps: Math.round(lone.perSecond),
        ours_p99_ms: lone.p99Ms,
      };
    } finally {
      store.close();
      redis.disconnect();
      await server.stop();
    }
  },
};

function paymentsOf(count: number): PaymentInput[] {
  const payments: PaymentInput[] = [];
  const startMs = Date.parse('2026-08-01T03:00:00.000Z');
  for (const event of simulateEvents({ seed: 5, startMs, days: 3_650, paymentsPerDay: 10_000, fraudShare: 0.001 })) {
    if (event.kind === 'payment' && payments.push(event.payment) === count) break;
  }
  return payments;
}

const requestOf = (payment: PseudonymousPayment) => ({
  eventId: payment.endToEndId,
  atMs: payment.acceptedAtMs,
  amountCents: payment.amountCents,
  observe: set.observes(payment),
  entities: set.entitiesOf(payment),
});

interface Load {
  perSecond: number;
  /** Server time a call, µs: what holds on a machine that others use too. */
  serverUs: number;
  p50Ms: number;
  p99Ms: number;
}

async function observeAll(
  store: OnlineStore,
  payments: PseudonymousPayment[],
  clients: number,
  redis: Redis,
): Promise<Load> {
  const latencies = new Latencies();
  await redis.config('RESETSTAT');
  const startedMs = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < payments.length) {
      const payment = payments[next++]!;
      const begunMs = performance.now();
      const { values } = await store.observe(requestOf(payment));
      set.vectorOf(payment, values);
      latencies.add(performance.now() - begunMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const perSecond = (payments.length * 1000) / (performance.now() - startedMs);
  const serverUs = await microsecondsPerCall(redis);
  return { perSecond, serverUs, p50Ms: latencies.quantileMs(0.5), p99Ms: latencies.quantileMs(0.99) };
}

async function peekAll(store: OnlineStore, payments: PseudonymousPayment[]): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (const payment of payments) {
    const { values } = await store.observe({ ...requestOf(payment), observe: false, peek: true });
    vectors.push(set.vectorOf(payment, values));
  }
  return vectors;
}

/**
 * Server µs a call with this many events in the windows of payer, payee and pair, all of them within the shortest: so
 * many entities are filled, then each gets a tenth more, and those calls are timed.
 */
async function curveOf(store: OnlineStore, redis: Redis, model: PseudonymousPayment): Promise<number[]> {
  const curve: number[] = [];
  for (const size of SIZES) {
    const more = Math.min(CURVE_CALLS, Math.ceil(size / 10));
    const entities = Array.from({ length: Math.ceil(CURVE_CALLS / more) }, (_, index) => `${size}-${index}`);
    const payments = (from: number, to: number): PseudonymousPayment[] =>
      Array.from({ length: to - from }, (_, i) => from + i).flatMap((i) =>
        entities.map((entity) => ({
          ...model,
          endToEndId: `E${entity}-${i}`,
          acceptedAtMs: model.acceptedAtMs + i,
          amountCents: 1 + ((i * 7_919) % 100_003),
          payer: { ...model.payer, person: `payer-${entity}` },
          payee: { ...model.payee, person: `payee-${entity}` },
        })),
      );
    await observeAll(store, payments(0, size), IN_FLIGHT, redis);
    curve.push((await observeAll(store, payments(size, size + more), 1, redis)).serverUs);
  }
  return curve;
}

async function microsecondsPerCall(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(/cmdstat_fcall:calls=\d+,usec=\d+,usec_per_call=([\d.]+)/.exec(stats)?.[1]);
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
}

/** Memory of the logs by kind, with what the server spends on each key; events as the header of a log counts them. */
async function entitiesOf(redis: Redis) {
  const kinds = new Map<string, { logs: number; bytes: number; events: number }>();
  for await (const keys of redis.scanStream({ match: `bench:${set.plan.id}:*`, count: 1_000 }) as AsyncIterable<
    string[]
  >) {
    for (const key of keys) {
      const state = set.plan.states.find(({ name }) => key.startsWith(`bench:${set.plan.id}:${name}:`));
      if (!state || key.includes(':seen:')) continue;
      const kind = kinds.get(state.name) ?? { logs: 0, bytes: 0, events: 0 };
      kind.bytes += Number(await redis.call('MEMORY', 'USAGE', key));
      if (!key.endsWith(':c')) {
        const header = await redis.getrangeBuffer(key, 0, 15);
        kind.logs++;
        kind.events += header.readDoubleLE(8) - header.readDoubleLE(0);
      }
      kinds.set(state.name, kind);
    }
  }
  const rows = [...kinds].map(([name, { logs, bytes, events }]) => [
    name,
    logs,
    events,
    bytes,
    round(bytes / events, 1),
  ]);
  const total = (of: 'bytes' | 'events'): number => [...kinds.values()].reduce((sum, kind) => sum + kind[of], 0);
  return { rows, bytes: total('bytes'), events: total('events') };
}
