import { HOUR_MS, HOURS, MINUTE_MS, momentOf } from './calendar.js';
import type { Customer } from './customer.js';
import { naturalAmount } from './amounts.js';
import { stranger } from './arrivals.js';
import { formOf } from './everyday.js';
import type { Plan } from './plan.js';
import { muleOf } from './ring.js';
import { muleForm, theft, type Crime, type Scenario } from './scenario.js';

/** Victims of other banks pay an account of ours, and the money leaves it in parts within minutes. */
export const muleChain: Scenario = {
  name: 'mule_chain',
  situation: 'scam',
  marker: 'muleAccounts',
  reported: 0.6,
  reportHours: 36,
  weight: () => 0.13,
  incident(crime) {
    const { random, ring, population, day } = crime;
    const startMs = momentOf(random, day, HOURS.transfer);
    const mule = muleOf(random, ring, population, startMs, true).account;
    const plans: Plan[] = [];
    let atMs = startMs;
    for (let i = random.integer(1, 5); i > 0; i--) {
      const amountCents = Math.min(ring.ceilingCents, random.logNormal(70_000, 0.9));
      const incoming: Plan = {
        atMs: Math.floor(atMs),
        payer: stranger(random, population),
        payee: mule,
        customer: null,
        amountCents: naturalAmount(random, amountCents, random.chance(0.6) ? 'person' : 'bill'),
        style: 'person',
        form: random.chance(0.8) ? muleForm(random) : formOf(random, 'person'),
        circumstances: null,
        truth: { fraud: true, scenario: 'mule_chain', ring: ring.number, lookAlike: null },
      };
      plans.push(incoming, ...passOn(crime, mule.customer!, incoming.atMs, incoming.amountCents));
      atMs += random.exponential(2 * HOUR_MS);
    }
    return plans;
  },
};

/** What a mule at our institution does with money that came: on to the next accounts, whole or split. */
export function passOn(crime: Crime, mule: Customer, atMs: number, cents: number): Plan[] {
  const { random, ring, population } = crime;
  if (random.chance(0.22)) return [];
  const parts = random.chance(0.6) ? 1 : random.integer(2, 3);
  const kept = random.between(0, 0.12);
  return Array.from({ length: parts }, (_, i) =>
    theft(crime, 'mule_chain', {
      atMs: atMs + (i + 1) * (MINUTE_MS + random.exponential(ring.passMinutes * MINUTE_MS)),
      customer: mule,
      payee: muleOf(random, ring, population, atMs).account,
      amountCents: (cents * (1 - kept)) / parts,
      style: random.chance(0.5) ? 'person' : 'bill',
      form: muleForm(random),
      circumstances: null,
    }),
  );
}
