import type { OutcomeInput, PaymentInput } from '@vigia/contracts';
import { arrivalPlans } from './arrivals.js';
import { DAY_MS, daysBetween, type Day } from './calendar.js';
import { restrictedAt } from './dict-record.js';
import { everydayPlans } from './everyday.js';
import { lookAlikePlans } from './look-alikes.js';
import { outcomesOf } from './med.js';
import { obligationPlans } from './obligations.js';
import type { Plan, Truth } from './plan.js';
import { newPopulation, renew } from './population.js';
import { Random } from './random.js';
import { realize } from './realization.js';
import { Underworld } from './underworld.js';

export interface SimulationOptions {
  /** Same seed and options, same payments to the byte. */
  seed: number;
  /** First instant, UTC milliseconds. */
  startMs: number;
  days: number;
  /** Mean over the week; Fridays and pay days have more. */
  paymentsPerDay: number;
  /** Customers of our institution; by default about one payment a day and customer. */
  payers?: number;
  /** Share of payments that are fraud; 0.001 by default (the country has about 0.0001, BCB 2025). */
  fraudShare?: number;
  /** Share of payments that arrive from other institutions; 0.22 by default. */
  arrivingShare?: number;
}

export interface SimulatedPayment {
  /** UTC milliseconds of `payment.acceptedAt`. */
  atMs: number;
  payment: PaymentInput;
  truth: Truth;
  /** What becomes known later, oldest first; often nothing, even of fraud. */
  outcomes: OutcomeInput[];
}

/**
 * Payments in time order from a seeded world of customers, shops, devices, mules and gangs. Lazily made a day at a time;
 * memory grows with the population, not with the days. DICT statistics are shared between payments: do not change them.
 */
export function* simulate(options: SimulationOptions): Generator<SimulatedPayment, void, undefined> {
  const random = new Random(options.seed);
  const { startMs, paymentsPerDay } = options;
  const endMs = startMs + options.days * DAY_MS;
  const payers = options.payers ?? Math.max(150, Math.ceil(paymentsPerDay * 0.8));
  const population = newPopulation(random, payers, startMs);
  const underworld = new Underworld(random, population, startMs, options.fraudShare ?? 0.001);
  const duePerDay = population.customers.reduce((sum, customer) => sum + customer.bills.length + 0.3, 0) / 30;
  const kept = Math.min(1, (0.13 * paymentsPerDay) / duePerDay);
  let carried: Plan[] = [];
  for (const day of daysBetween(startMs, endMs)) {
    renew(random, population, day.startMs);
    const count = Math.round(paymentsPerDay * day.volume * random.between(0.96, 1.04));
    const plans = [...carried, ...honestPlans(day, count), ...underworld.plans(day, count)];
    const tomorrowMs = day.startMs + DAY_MS;
    carried = plans.filter((plan) => plan.atMs >= tomorrowMs);
    const fromMs = Math.max(startMs, day.startMs);
    const today = plans.filter((plan) => plan.atMs >= fromMs && plan.atMs < Math.min(tomorrowMs, endMs));
    today.sort((one, other) => one.atMs - other.atMs);
    for (const plan of today) if (!avoided(random, plan)) yield happen(random, plan);
  }

  function honestPlans(day: Day, count: number): Plan[] {
    const due = obligationPlans(random, population, day, kept);
    const odd = lookAlikePlans(random, population, day, count);
    const arriving = arrivalPlans(random, population, day, Math.round(count * (options.arrivingShare ?? 0.22)));
    const rest = Math.max(0, count - due.length - odd.length - arriving.length);
    return [...due, ...odd, ...arriving, ...everydayPlans(random, population, day, rest)];
  }
}

/** Who restricts an account tells its owner, who asks to be paid elsewhere: few still try. */
function avoided(random: Random, { payee, atMs }: Plan): boolean {
  return restrictedAt(payee.dict, atMs) && random.chance(0.92);
}

function happen(random: Random, plan: Plan): SimulatedPayment {
  const payment = realize(random, plan);
  const amountCents = Number(payment.amount.replace('.', ''));
  return {
    atMs: plan.atMs,
    payment,
    truth: plan.truth,
    outcomes: outcomesOf(random, plan, payment.endToEndId, amountCents),
  };
}
