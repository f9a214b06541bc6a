import { parseArgs } from 'node:util';
import { simulate } from '@vigia/simulator';
import { round, type Bench } from './report.js';

const START_MS = Date.parse('2026-08-01T03:00:00.000Z');

export const bench: Bench = {
  question: 'How many payments a second does the simulator make in one thread?',
  async run(args) {
    const { values } = parseArgs({ args, options: { days: { type: 'string', default: '40' } } });
    const options = { seed: 7, startMs: START_MS, days: Number(values.days), paymentsPerDay: 6_000 };
    // The first days compile the code.
    for (const payment of simulate({ ...options, days: 2 })) void payment;
    const startedMs = performance.now();
    let payments = 0;
    for (const payment of simulate(options)) payments += Number(payment.atMs > 0);
    const seconds = (performance.now() - startedMs) / 1000;
    return { payments_per_s: Math.round(payments / seconds), payments, seconds: round(seconds) };
  },
};
