import type { Account } from './account.js';
import { naturalAmount } from './amounts.js';
import { HOURS, momentOf, type Day } from './calendar.js';
import type { Customer } from './customer.js';
import { formOf } from './everyday.js';
import { EVERYDAY, lookAlike, type Plan } from './plan.js';
import { unknownPerson, type Population } from './population.js';
import { weighted, type Random } from './random.js';

/** An account at another institution that pays `customer`: from the circle, or a stranger. */
export function senderTo(random: Random, population: Population, customer: Customer): Account {
  const fromCircle = random.chance(customer.account.legalPerson ? 0.25 : 0.68);
  const sender = fromCircle ? random.pick(customer.circle) : random.pick(population.persons);
  return sender.customer ? stranger(random, population) : sender;
}

export function stranger(random: Random, population: Population): Account {
  for (;;) {
    const account = random.pick(population.persons);
    if (!account.customer) return account;
  }
}

/** `count` payments that arrive from other institutions; what sweepers receive goes on within the hour. */
export function arrivalPlans(random: Random, population: Population, day: Day, count: number): Plan[] {
  const plans: Plan[] = [];
  while (plans.length < count) {
    const customer = population.customers[weighted(random, population.arrivals)]!;
    const plan = arrival(random, population, day, customer);
    plans.push(plan);
    if (customer.sweeper && customer.elsewhere && random.chance(0.5))
      plans.push(sweep(random, population, day, plan, customer));
  }
  return plans;
}

function arrival(random: Random, population: Population, day: Day, customer: Customer): Plan {
  const company = customer.account.legalPerson;
  const own = customer.elsewhere !== null && random.chance(0.1);
  const style = company ? 'shop' : 'person';
  const median = company ? customer.account.priceCents * 1.4 : 7_000 * customer.scale;
  return {
    atMs: momentOf(random, day, company ? HOURS.shopping : HOURS.transfer),
    payer: own ? customer.elsewhere! : senderTo(random, population, customer),
    payee: customer.account,
    customer: null,
    amountCents: naturalAmount(random, Math.min(random.logNormal(median, company ? 0.9 : 1.25), 20_000_000), style),
    style,
    form: formOf(random, style),
    circumstances: null,
    truth: EVERYDAY,
    contested: random.chance(0.0003),
  };
}

/** In and out within minutes, and honest: to the own account elsewhere, a partner, a supplier. */
function sweep(random: Random, population: Population, day: Day, incoming: Plan, customer: Customer): Plan {
  const draw = random.unit();
  const payee =
    draw < 0.55
      ? customer.elsewhere!
      : draw < 0.8
        ? random.pick(customer.circle)
        : draw < 0.9
          ? random.pick(population.sellers)
          : unknownPerson(random, population, day.startMs);
  return {
    atMs: incoming.atMs + Math.floor(60_000 + random.exponential(25 * 60_000)),
    payer: customer.account,
    payee,
    customer,
    amountCents: random.chance(0.6)
      ? incoming.amountCents
      : Math.max(100, Math.round((incoming.amountCents * random.between(0.7, 1)) / 100) * 100),
    style: 'person',
    form: random.chance(0.8) ? 'DICT' : 'MANU',
    trusted: payee === customer.elsewhere && random.chance(0.5),
    circumstances: null,
    truth: lookAlike('sweep'),
  };
}
