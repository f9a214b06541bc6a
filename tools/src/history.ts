import { payment as paymentSchema, type PseudonymousPayment } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import type { OnlineStore } from '@vigia/online-store';
import type { Pseudonymiser } from '@vigia/platform';
import type { SimulatedEvent } from '@vigia/simulator';
import type { TrainingSetWriter } from './training-set.js';

/** Calls on their way to the store; one connection keeps their order. */
const IN_FLIGHT = 128;

export interface ReplayReport {
  payments: number;
  frauds: number;
  outcomes: number;
}

interface Replay {
  set: CompiledFeatureSet;
  store: OnlineStore;
  pseudonymiser: Pseudonymiser;
  writer: TrainingSetWriter;
  /** Payments before this moment only warm the windows. */
  trainFromMs: number;
  onProgress: (report: ReplayReport, atMs: number) => void;
}

/**
 * Replays a history through the very windows that serve: each payment is observed once, its vector goes into the
 * training set, and outcomes label it when they become known. Afterwards the online state is that of the last event.
 */
export async function replay(
  events: Iterable<SimulatedEvent> | AsyncIterable<SimulatedEvent>,
  options: Replay,
): Promise<ReplayReport> {
  const { set, store, pseudonymiser, writer } = options;
  const report: ReplayReport = { payments: 0, frauds: 0, outcomes: 0 };
  const known = new Map<string, PseudonymousPayment>();
  const running = new Set<Promise<void>>();
  const run = (work: Promise<void>): void => {
    const tracked = work.finally(() => running.delete(tracked));
    running.add(tracked);
  };
  for await (const event of events) {
    if (running.size >= IN_FLIGHT) await Promise.race(running);
    if (event.kind === 'payment') {
      const payment = pseudonymiser.payment(paymentSchema.parse(event.payment));
      if (event.outcomes.length > 0) known.set(payment.endToEndId, payment);
      run(observe(payment, event.truth.scenario ?? ''));
      report.payments++;
      report.frauds += Number(event.truth.fraud);
    } else {
      const payment = known.get(event.outcome.endToEndId);
      if (payment && event.outcome.result !== 'open') run(label(payment, event.outcome.result === 'agreed'));
      report.outcomes++;
    }
    if ((report.payments & 0x3fff) === 0) options.onProgress(report, event.atMs);
  }
  await Promise.all(running);
  return report;

  async function observe(payment: PseudonymousPayment, scenario: string): Promise<void> {
    const { values } = await store.observe(requestOf(payment));
    if (payment.acceptedAtMs < options.trainFromMs) return;
    const { endToEndId, acceptedAtMs, amountCents } = payment;
    writer.add({ endToEndId, acceptedAtMs, amountCents, scenario, vector: set.vectorOf(payment, values) });
  }

  async function label(payment: PseudonymousPayment, fraud: boolean): Promise<void> {
    writer.label(payment.endToEndId, fraud);
    await store.label({
      atMs: payment.acceptedAtMs,
      eventId: payment.endToEndId,
      fraud,
      entities: set.entitiesOf(payment),
    });
  }

  function requestOf(payment: PseudonymousPayment) {
    return {
      eventId: payment.endToEndId,
      atMs: payment.acceptedAtMs,
      amountCents: payment.amountCents,
      observe: set.observes(payment),
      entities: set.entitiesOf(payment),
    };
  }
}
