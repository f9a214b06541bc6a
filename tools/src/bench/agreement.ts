import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { payment as paymentSchema, type PseudonymousPayment } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import { OfflineStore, type EventLoader } from '@vigia/offline-store';
import { OnlineStore } from '@vigia/online-store';
import { Pseudonymiser } from '@vigia/platform';
import { simulateEvents, type SimulatedEvent } from '@vigia/simulator';
import { startValkey } from '@vigia/testing';
import { InFlight } from '../in-flight.js';
import { round, type Bench, type Say } from './report.js';

const IN_FLIGHT = 256;
/** Every so many payments one comes late, behind the following ones. */
const LATE_EVERY = 50;
const LATE_BEHIND = 7;

const set = compileFeatureSet(PIX);

export const bench: Bench = {
  question: 'Does the offline recomputation give the very vectors that were served, bit for bit?',
  async run(args, say) {
    const { values: options } = parseArgs({
      args,
      options: {
        payments: { type: 'string', default: '1000000' },
        'per-day': { type: 'string', default: '20000' },
        'memory-mb': { type: 'string', default: '4000' },
      },
    });
    const wanted = Number(options.payments);
    const work = mkdtempSync(join(tmpdir(), 'vigia-bench-agreement-'));
    const limits = { memoryLimitMb: Number(options['memory-mb']), threads: 2, temporaryDirectory: work };
    const offline = await OfflineStore.open(limits);
    try {
      const loader = await offline.load(PIX);
      const served = await serve(wanted, Number(options['per-day']), loader, say);
      loader.close();
      say('recomputing by DuckDB');
      const startedMs = performance.now();
      await offline.compute(PIX, { onProgress: (share) => say(`  ${Math.round(100 * share)} %`) });
      const offlineS = (performance.now() - startedMs) / 1000;
      const byFeature = await compare(offline, served.vectors);
      for (const [name, count] of byFeature.mismatches) say(`  ${name}: ${count} differ`);
      return {
        payments: served.payments,
        mismatches: byFeature.rows,
        values: served.payments * set.features.length,
        late: served.late,
        labels: served.labels,
        serve_s: round(served.seconds, 1),
        offline_s: round(offlineS, 1),
      };
    } finally {
      offline.close();
      rmSync(work, { recursive: true, force: true });
    }
  },
};

interface Served {
  payments: number;
  labels: number;
  late: number;
  seconds: number;
  /** By arrival, each as wide as the set. */
  vectors: Map<number, Float32Array>;
}

/** Observes and labels in the order of the stream; what was served goes by the arrival that the server gave it. */
async function serve(wanted: number, perDay: number, loader: EventLoader, say: Say): Promise<Served> {
  const server = await startValkey();
  const store = await OnlineStore.connect({ url: server.url, plan: set.plan, prefix: 'agreement', timeoutMs: 60_000 });
  const pseudonymiser = new Pseudonymiser({ version: 1, secret: randomBytes(32) });
  const served: Served = { payments: 0, labels: 0, late: 0, seconds: 0, vectors: new Map() };
  const known = new Map<string, PseudonymousPayment>();
  const work = new InFlight(IN_FLIGHT);
  const startedMs = performance.now();
  let latestMs = 0;
  const observe = async (payment: PseudonymousPayment): Promise<void> => {
    const { values, arrivedUs } = await store.observe({
      eventId: payment.endToEndId,
      atMs: payment.acceptedAtMs,
      amountCents: payment.amountCents,
      observe: set.observes(payment),
      entities: set.entitiesOf(payment),
    });
    served.vectors.set(arrivedUs, set.vectorOf(payment, values));
    loader.payment(payment, arrivedUs);
  };
  const label = async (payment: PseudonymousPayment, fraud: boolean): Promise<void> => {
    const entities = set.entitiesOf(payment);
    const request = { eventId: payment.endToEndId, atMs: payment.acceptedAtMs, fraud, entities };
    const { arrivedUs } = await store.label(request);
    loader.label(payment.endToEndId, fraud, arrivedUs);
  };
  try {
    for (const event of withLateOnes(simulated(perDay))) {
      let call: Promise<void> | undefined;
      if (event.kind === 'payment') {
        if (served.payments >= wanted) break;
        const payment = pseudonymiser.payment(paymentSchema.parse(event.payment));
        if (event.outcomes.length > 0) known.set(payment.endToEndId, payment);
        if (event.atMs < latestMs) served.late++;
        latestMs = Math.max(latestMs, event.atMs);
        if (++served.payments % 100_000 === 0) say(`  ${served.payments.toLocaleString('en')} payments served`);
        call = observe(payment);
      } else {
        const payment = known.get(event.outcome.endToEndId);
        if (payment && event.outcome.result !== 'open') call = label(payment, event.outcome.result === 'agreed');
        if (call) served.labels++;
      }
      if (call) await work.add(call);
    }
    await work.end();
  } finally {
    store.close();
    await server.stop();
  }
  served.seconds = (performance.now() - startedMs) / 1000;
  return served;
}

const simulated = (paymentsPerDay: number): Iterable<SimulatedEvent> =>
  simulateEvents({
    seed: 11,
    startMs: Date.parse('2026-08-01T03:00:00.000Z'),
    days: 3_650,
    paymentsPerDay,
    fraudShare: 0.003,
  });

/** A payment held back behind those that follow it, as one that its sender repeated after a failure. */
function* withLateOnes(events: Iterable<SimulatedEvent>): Generator<SimulatedEvent> {
  let held: SimulatedEvent | undefined;
  let since = 0;
  for (const event of events) {
    since++;
    if (!held && event.kind === 'payment' && event.outcomes.length === 0 && since >= LATE_EVERY) {
      held = event;
      since = 0;
      continue;
    }
    yield event;
    if (held && since >= LATE_BEHIND) {
      yield held;
      held = undefined;
    }
  }
}

/** NaN is equal to NaN, and every other number to itself alone. */
async function compare(offline: OfflineStore, served: Map<number, Float32Array>) {
  const mismatches = new Map<string, number>();
  let rows = 0;
  let compared = 0;
  for await (const { arrival, values } of offline.vectors(PIX)) {
    const vector = served.get(arrival);
    if (!vector) throw new Error(`nothing was served at arrival ${arrival}`);
    compared++;
    let differs = false;
    values.forEach((value, index) => {
      if (Object.is(value, vector[index])) return;
      differs = true;
      const name = set.features[index]!;
      mismatches.set(name, (mismatches.get(name) ?? 0) + 1);
    });
    rows += Number(differs);
  }
  rows += served.size - compared;
  return { rows, mismatches };
}
