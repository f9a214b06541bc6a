import { naturalAmount } from './amounts.js';
import { HOURS, momentOf, type Day } from './calendar.js';
import type { Bill, Customer } from './customer.js';
import { formOf } from './everyday.js';
import { EVERYDAY, type Plan } from './plan.js';
import type { Population } from './population.js';
import type { Random } from './random.js';

/**
 * What falls due on this day: bills, rent, and the wages that companies pay. `kept` is the share that is paid by Pix,
 * so that small volumes are not all bills.
 */
export function obligationPlans(random: Random, population: Population, day: Day, kept: number): Plan[] {
  const plans: Plan[] = [];
  for (const customer of population.customers) {
    receiveIncome(random, customer, day);
    for (const bill of customer.bills)
      if (bill.dayOfMonth === day.dayOfMonth && random.chance(kept)) plans.push(billPlan(random, day, customer, bill));
    if (customer.account.legalPerson && day.businessDay === 5 && random.chance(kept))
      plans.push(...wages(random, day, customer));
  }
  return plans;
}

/** Salary on the fifth business day; the rest of the income comes in small parts. */
function receiveIncome(random: Random, customer: Customer, day: Day): void {
  if (day.businessDay === 5) customer.balanceCents += Math.round(customer.incomeCents * random.between(0.5, 0.9));
  else if (random.chance(0.03)) customer.balanceCents += Math.round(customer.incomeCents * random.exponential(0.25));
  if (customer.balanceCents > 4 * customer.incomeCents && random.chance(0.1))
    customer.balanceCents = Math.round(customer.balanceCents * random.between(0.3, 0.8));
}

function billPlan(random: Random, day: Day, customer: Customer, bill: Bill): Plan {
  const cents = bill.fixed ? bill.amountCents : bill.amountCents * random.logNormal(1, 0.18);
  const style = bill.payee.legalPerson ? 'bill' : 'person';
  return {
    atMs: momentOf(random, day, HOURS.bill, customer.shiftHours * 0.5),
    payer: customer.account,
    payee: bill.payee,
    customer,
    amountCents: bill.fixed ? Math.round(cents) : naturalAmount(random, cents, 'bill'),
    style: 'bill',
    form: formOf(random, style),
    scheduled: random.chance(0.2),
    trusted: random.chance(0.3),
    circumstances: null,
    truth: EVERYDAY,
  };
}

/** A run of payments minutes apart to people who are paid each month. */
function wages(random: Random, day: Day, customer: Customer): Plan[] {
  const startMs = momentOf(random, day, HOURS.business);
  const staff = customer.circle.slice(0, random.integer(1, 5));
  return staff.map((payee, i) => ({
    atMs: startMs + i * random.integer(25_000, 110_000),
    payer: customer.account,
    payee,
    customer,
    amountCents: naturalAmount(random, random.logNormal(210_000, 0.4), 'bill'),
    style: 'bill' as const,
    form: random.chance(0.8) ? ('DICT' as const) : ('MANU' as const),
    trusted: random.chance(0.7),
    circumstances: null,
    truth: EVERYDAY,
  }));
}
