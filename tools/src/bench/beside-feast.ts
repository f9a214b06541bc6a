import type { PseudonymousPayment } from '@vigia/contracts';
import type { OnlineStore } from '@vigia/online-store';
import { Feast, type FeastReads } from './feast.js';
import { Latencies } from './latencies.js';
import { median } from './median.js';
import { observe, requestOf, set } from './observed-payment.js';
import { round, table, type Say } from './report.js';
import type { Simulated } from './simulated-payments.js';

/** Ours and Feast take turns so many times, and figures are medians. */
const ROUNDS = 3;

export interface Side {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Processor time of this process per call. */
  cpuUs: number;
}

/** Both sides read for the same entities from the same server, in turns, each in one process, one call at a time. */
export async function besideFeast(
  { store, valkeyUrl, say }: { store: OnlineStore; valkeyUrl: string; say: Say },
  shared: Simulated[],
  seconds: number,
): Promise<{ ours: Side; feast: FeastReads }> {
  say(`Feast on the same server gets the stored features of ${shared.length.toLocaleString('en')} payments`);
  const inputs = shared.map(({ input }) => input);
  const feast = Feast.start(valkeyUrl, inputs, await peekAll(store, shared));
  const rounds: { ours: Side; feast: FeastReads }[] = [];
  try {
    const payments = againAndAgain(shared.map(({ payment }) => payment));
    // Both have loaded and warmed up before the first time is taken.
    await feast.read(0);
    for (let round = 0; round < ROUNDS; round++) {
      const ours = await observeOneByOne(store, payments, seconds / ROUNDS);
      rounds.push({ ours, feast: await feast.read(seconds / ROUNDS) });
    }
  } finally {
    feast.close();
  }
  const sides = { ours: middleOf(rounds.map(({ ours }) => ours)), feast: middleOf(rounds.map(({ feast }) => feast)) };
  if (sides.feast.present < 0.5) throw new Error('Feast did not find what was put into its store');
  tell(sides, say);
  return sides;
}

async function peekAll(store: OnlineStore, shared: Simulated[]): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (const { payment } of shared) {
    const { values } = await store.observe({ ...requestOf(payment), peek: true });
    vectors.push(set.vectorOf(payment, values));
  }
  return vectors;
}

function tell({ ours, feast }: { ours: Side; feast: FeastReads }, say: Say): void {
  const all = set.features.length;
  say(
    table([
      ['one call at a time', 'features', 'per second', 'p50 ms', 'p99 ms', 'processor µs of the client'],
      ['Vigia: observes and computes', all, ...figures(ours.perSecond, ours.p50Ms, ours.p99Ms, ours.cpuUs)],
      ['Feast: reads what is ready', feast.features, ...figures(feast.rps, feast.p50_ms, feast.p99_ms, feast.cpu_us)],
    ]),
  );
  say(
    'Feast only reads values that were computed before and grow stale; ours adds the payment to its windows, computes ' +
      `the same ${feast.features} features exactly as of this payment, and the other ${all - feast.features} too`,
  );
}

const figures = (perSecond: number, p50Ms: number, p99Ms: number, cpuUs: number): number[] => [
  Math.round(perSecond),
  round(p50Ms),
  round(p99Ms),
  Math.round(cpuUs),
];

async function observeOneByOne(
  store: OnlineStore,
  payments: Iterator<PseudonymousPayment, never>,
  seconds: number,
): Promise<Side> {
  const latencies = new Latencies();
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  for (let begunMs = startedMs; begunMs < startedMs + seconds * 1000;) {
    await observe(store, payments.next().value);
    const endedMs = performance.now();
    latencies.add(endedMs - begunMs);
    begunMs = endedMs;
  }
  const elapsedMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (latencies.count * 1000) / elapsedMs,
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    cpuUs: (user + system) / latencies.count,
  };
}

/** The payments, and then new ones of the same parties, each round later than the one before. */
function* againAndAgain(payments: PseudonymousPayment[]): Generator<PseudonymousPayment, never> {
  const spanMs = payments.at(-1)!.acceptedAtMs - payments[0]!.acceptedAtMs + 1_000;
  for (let turn = 0; ; turn++) {
    for (const payment of payments) {
      const acceptedAtMs = payment.acceptedAtMs + turn * spanMs;
      yield { ...payment, endToEndId: `${payment.endToEndId}-${turn}`, acceptedAtMs };
    }
  }
}

function middleOf<T extends { [K in keyof T]: number }>(all: T[]): T {
  const names = Object.keys(all[0]!) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, median(all.map((each) => each[name]))])) as T;
}
