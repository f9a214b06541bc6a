import { payment as paymentSchema, type PaymentInput, type PseudonymousPayment } from '@vigia/contracts';
import { Pseudonymiser } from '@vigia/platform';
import { simulateEvents } from '@vigia/simulator';

const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.alloc(32, 'bench') });

/** As it is sent, and as the windows see it. */
export interface Simulated {
  input: PaymentInput;
  payment: PseudonymousPayment;
}

export type SimulatedPayments = Generator<Simulated>;

/** Payments of a seeded world, from its first day on, without end for our purposes. */
export function* simulatedPayments(paymentsPerDay: number): SimulatedPayments {
  const startMs = Date.parse('2026-08-01T03:00:00.000Z');
  for (const event of simulateEvents({ seed: 5, startMs, days: 3_650, paymentsPerDay, fraudShare: 0.001 })) {
    if (event.kind !== 'payment') continue;
    yield { input: event.payment, payment: pseudonymiser.payment(paymentSchema.parse(event.payment)) };
  }
}

/** The next ones of them. */
export function take(stream: SimulatedPayments, count: number): Simulated[] {
  const some: Simulated[] = [];
  while (some.length < count) some.push(stream.next().value as Simulated);
  return some;
}
