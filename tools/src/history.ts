import { payment as paymentSchema, type PseudonymousPayment } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import type { EventLoader } from '@vigia/offline-store';
import type { OnlineStore } from '@vigia/online-store';
import type { Pseudonymiser } from '@vigia/platform';
import type { SimulatedEvent } from '@vigia/simulator';
import { InFlight } from './in-flight.js';

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
  /** Gets what the windows get, in the same order; null where only the windows are wanted. */
  loader: EventLoader | null;
  onProgress: (report: ReplayReport, atMs: number) => void;
}

/**
 * Replays a history through the very windows that serve: each payment is observed once, and outcomes label it when they
 * become known. Afterwards the online state is that of the last event.
 */
export async function replay(
  events: Iterable<SimulatedEvent> | AsyncIterable<SimulatedEvent>,
  options: Replay,
): Promise<ReplayReport> {
  const { set, store, pseudonymiser, loader } = options;
  const report: ReplayReport = { payments: 0, frauds: 0, outcomes: 0 };
  const known = new Map<string, PseudonymousPayment>();
  const work = new InFlight(IN_FLIGHT);
  for await (const event of events) {
    if (event.kind === 'payment') {
      const payment = pseudonymiser.payment(paymentSchema.parse(event.payment));
      if (event.outcomes.length > 0) known.set(payment.endToEndId, payment);
      await work.add(observe(payment));
      report.payments++;
      report.frauds += Number(event.truth.fraud);
    } else {
      const payment = known.get(event.outcome.endToEndId);
      if (payment && event.outcome.result !== 'open') await work.add(label(payment, event.outcome.result === 'agreed'));
      report.outcomes++;
    }
    if ((report.payments & 0x3fff) === 0) options.onProgress(report, event.atMs);
  }
  await work.end();
  return report;

  async function observe(payment: PseudonymousPayment): Promise<void> {
    const { arrivedUs } = await store.observe(requestOf(payment));
    loader?.payment(payment, arrivedUs);
  }

  async function label(payment: PseudonymousPayment, fraud: boolean): Promise<void> {
    const { endToEndId: eventId, acceptedAtMs: atMs } = payment;
    const { arrivedUs } = await store.label({ atMs, eventId, fraud, entities: set.entitiesOf(payment) });
    loader?.label(eventId, fraud, arrivedUs);
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
