import type { PaymentInput } from '@vigia/contracts';
import { simulateEvents, type SimulatedEvent } from '@vigia/simulator';
import { DAY_MS } from '../world.js';

const HOUR_MS = 3_600_000;
const INSTANT = /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g;

/** Payments of one day, each as it would be sent now. */
export interface BusyDay {
  /** The day before, to warm the windows: ends at `clock()`. */
  history: SimulatedEvent[];
  payments: PaymentInput[];
  /** Bodies of the API: the instants moved so that the payment is accepted now. */
  bodies: string[];
}

/**
 * Milliseconds that stand in the payments. By night rules of the night would decide other payments than by day, so from
 * 20h to 06h in Brasília the load is dated ten hours back, which the service's clock tolerance allows.
 */
export function daylightClock(): () => number {
  const hour = (new Date().getUTCHours() + 21) % 24;
  const offsetMs = hour >= 20 || hour < 6 ? 10 * HOUR_MS : 0;
  return () => Date.now() - offsetMs;
}

/**
 * Two days of an institution with about 50,000 payers: so many that a minute of load does not have every payer pay dozens
 * of times, which no window would take for genuine.
 */
export function busyDay(paymentsPerDay: number, nowMs: number): BusyDay {
  const startMs = nowMs - DAY_MS;
  const day: BusyDay = { history: [], payments: [], bodies: [] };
  for (const event of simulateEvents({ seed: 11, startMs, days: 2, paymentsPerDay, fraudShare: 0.001 })) {
    if (event.atMs < nowMs) day.history.push(event);
    else if (event.kind === 'payment') {
      const { payment } = event;
      day.payments.push(payment);
      day.bodies.push(movedBy(JSON.stringify(payment), nowMs - event.atMs));
    }
  }
  return day;
}

function movedBy(body: string, ms: number): string {
  return body.replace(INSTANT, (instant) => `"${new Date(Date.parse(instant.slice(1, -1)) + ms).toISOString()}"`);
}
