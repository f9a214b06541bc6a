import { parseArgs } from 'node:util';
import { OnlineStore } from '@vigia/online-store';
import { Redis } from 'ioredis';
import { InFlight } from '../in-flight.js';
import { besideFeast } from './beside-feast.js';
import { SIZES, hotWindows, overThirtyDays, withinTenMinutes } from './hot-windows.js';
import { median } from './median.js';
import { observe, set } from './observed-payment.js';
import { round, table, type Bench, type Say } from './report.js';
import { serverCost, type ServerCost } from './server-cost.js';
import { BenchServers } from './servers.js';
import { simulatedPayments, take, type SimulatedPayments } from './simulated-payments.js';
import { bytesPerEvent, sizeTable, stateSize } from './state-size.js';

const PREFIX = 'bench';
const IN_FLIGHT = 16;
/** Days that the simulated payments fill: less than the windows of 30 and 90 days, so that none leaves them. */
const DAYS = 10;
/** The payments are observed in so many slices, and figures are medians of them: others may use the machine. */
const SLICES = 10;
/** Entities of so many payments are read from Feast. */
const SHARED_PAYMENTS = 5_000;

interface Subject {
  valkeyUrl: string;
  redis: Redis;
  store: OnlineStore;
  say: Say;
}

export const bench: Bench = {
  question:
    'What do exact windows cost: payments a second of one Valkey core, flat however many events, how many bytes?',
  async run(args, say) {
    const { values: options } = parseArgs({
      args,
      options: {
        payments: { type: 'string', default: '50000' },
        /** Of each side's reading, ours and Feast's. */
        seconds: { type: 'string', default: '9' },
      },
    });
    const [count, seconds] = [Number(options.payments), Number(options.seconds)];
    if (!(count >= 1_000)) throw new Error('--payments must be at least 1000');
    if (!(seconds >= 1)) throw new Error('--seconds must be at least 1');
    const servers = await BenchServers.start();
    const stop = (): void => void servers.stop().finally(() => process.exit(130));
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const { url: valkeyUrl } = servers.valkey;
    const redis = new Redis(valkeyUrl);
    try {
      const store = await OnlineStore.connect({ url: valkeyUrl, plan: set.plan, prefix: PREFIX, timeoutMs: 60_000 });
      try {
        return await measure({ valkeyUrl, redis, store, say }, count, seconds);
      } finally {
        store.close();
      }
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      redis.disconnect();
      await servers.stop();
    }
  },
};

async function measure(subject: Subject, count: number, seconds: number): Promise<Record<string, unknown>> {
  const { redis, say } = subject;
  const stream = simulatedPayments(count / DAYS);
  const usedBefore = await usedBytes(redis);
  const whole = await observeAll(subject, stream, count);
  const bytesPerPayment = Math.round(((await usedBytes(redis)) - usedBefore) / count);
  say(
    `${Math.round(whole.perSecond).toLocaleString('en')} payments a second, ${IN_FLIGHT} on their way; of the server's ` +
      `core a payment takes ${whole.processorUs} µs, ${whole.functionUs} µs of it in the function`,
  );
  const size = await stateSize(redis, PREFIX, set.plan);
  say(`state of ${count.toLocaleString('en')} payments in ${DAYS} days, ${bytesPerPayment} bytes a payment`);
  say(sizeTable(size));

  const sides = await besideFeast(subject, take(stream, SHARED_PAYMENTS), seconds);

  say('all entities of a payment hot, from 10 to 50,000 events in their windows; one call at a time');
  const flat = await hotWindows({ ...subject, set, name: 'flat' }, overThirtyDays);
  const hottest = await stateSize(redis, PREFIX, set.plan, `flat-${SIZES.at(-1)}-0*`);
  const burst = await hotWindows({ ...subject, set, name: 'burst' }, withinTenMinutes);
  say(curveTable(flat, burst));

  const curveOf = (costs: ServerCost[], of: 'functionUs' | 'processorUs'): Record<string, number> =>
    Object.fromEntries(SIZES.map((each, i) => [each, costs[i]![of]]));
  return {
    payments_per_s: Math.round(whole.perSecond),
    p99_ms: sides.ours.p99Ms,
    us_at_10: flat[0]!.functionUs,
    us_at_50000: flat.at(-1)!.functionUs,
    bytes_per_event: bytesPerEvent(size.kinds),
    feast_rps: Math.round(sides.feast.rps),
    ours_rps: Math.round(sides.ours.perSecond),
    payments_per_core_s: Math.round(1e6 / whole.processorUs),
    server_cpu_us: whole.processorUs,
    server_function_us: whole.functionUs,
    p50_ms: sides.ours.p50Ms,
    feast_p50_ms: round(sides.feast.p50_ms),
    feast_p99_ms: round(sides.feast.p99_ms),
    ours_cpu_us: Math.round(sides.ours.cpuUs),
    feast_cpu_us: Math.round(sides.feast.cpu_us),
    bytes_per_payment: bytesPerPayment,
    bytes_per_event_of: Object.fromEntries(size.kinds.map((kind) => [kind.kind, bytesPerEvent([kind])])),
    bytes_per_entity_of: Object.fromEntries(
      size.kinds.map(({ kind, bytes, entities }) => [kind, Math.round(bytes / entities)]),
    ),
    bytes_per_event_at_50000: bytesPerEvent(hottest.kinds),
    curve: curveOf(flat, 'functionUs'),
    curve_cpu: curveOf(flat, 'processorUs'),
    curve_burst: curveOf(burst, 'functionUs'),
  };
}

interface Load extends ServerCost {
  perSecond: number;
}

/** Throughput with several on their way; making the payments is not in the time. The first slice warms up. */
async function observeAll({ redis, store, say }: Subject, stream: SimulatedPayments, count: number): Promise<Load> {
  say(`observing ${count.toLocaleString('en')} simulated payments`);
  const slices: Load[] = [];
  for (let slice = 0; slice < SLICES; slice++) {
    const some = take(stream, Math.ceil(count / SLICES)).map(({ payment }) => payment);
    let seconds = NaN;
    const cost = await serverCost(redis, async () => {
      const startedMs = performance.now();
      const work = new InFlight(IN_FLIGHT);
      for (const payment of some) await work.add(observe(store, payment));
      await work.end();
      seconds = (performance.now() - startedMs) / 1000;
    });
    slices.push({ ...cost, perSecond: some.length / seconds });
  }
  const middle = (of: keyof Load): number => median(slices.slice(1).map((slice) => slice[of]));
  return {
    calls: count,
    functionUs: round(middle('functionUs'), 1),
    processorUs: round(middle('processorUs'), 1),
    perSecond: middle('perSecond'),
  };
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]);
}

const curveTable = (flat: ServerCost[], burst: ServerCost[]): string =>
  table([
    ['events', 'over 30 days: function µs', 'processor µs', 'within 10 minutes: function µs', 'processor µs'],
    ...SIZES.map((size, i) => [
      size.toLocaleString('en'),
      flat[i]!.functionUs,
      flat[i]!.processorUs,
      burst[i]!.functionUs,
      burst[i]!.processorUs,
    ]),
  ]);
