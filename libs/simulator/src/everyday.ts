import type { InitiationForm } from '@vigia/contracts';
import type { Account } from './account.js';
import { naturalAmount } from './amounts.js';
import { HOURS, momentOf, type Day } from './calendar.js';
import type { Customer } from './customer.js';
import { EVERYDAY, type Plan } from './plan.js';
import { anyCustomer, anyShop, unknownPerson, type Population } from './population.js';
import { cumulative, weighted, type Random } from './random.js';

const FORMS: InitiationForm[] = ['MANU', 'DICT', 'QRDN', 'QRES', 'APDN', 'APES', 'INIC', 'AUTO'];
const FORM_SHARES = {
  person: cumulative([11, 74, 1, 9, 0, 1, 4, 0]),
  shop: cumulative([1, 15, 52, 23, 3, 1.5, 4, 0.5]),
  bill: cumulative([4, 14, 66, 3, 0, 0, 2, 11]),
};

export function formOf(random: Random, style: 'person' | 'shop' | 'bill'): InitiationForm {
  return FORMS[weighted(random, FORM_SHARES[style])]!;
}

/** One everyday payment of `customer`: a shop or a person, known more often than not. */
export function everyday(random: Random, population: Population, day: Day, customer: Customer): Plan {
  const company = customer.account.legalPerson;
  const toShop = random.chance(company ? 0.35 : 0.6);
  const curve = company ? HOURS.business : toShop ? HOURS.shopping : HOURS.transfer;
  const base = {
    atMs: momentOf(random, day, curve, company ? 0 : customer.shiftHours),
    payer: customer.account,
    customer,
    circumstances: null,
    truth: EVERYDAY,
    contested: random.chance(0.0003),
  };
  const value = day.weekend ? 0.8 : 1;
  if (toShop) {
    const payee = shopOf(random, population, customer);
    const cents = payee.priceCents * customer.scale ** 0.4 * value * random.logNormal(company ? 2.5 : 1, 0.6);
    const amountCents = naturalAmount(random, cents, 'shop');
    return { ...base, payee, amountCents, style: 'shop', form: formOf(random, 'shop'), cash: random.chance(0.006) };
  }
  const { payee, trusted } = personOf(random, population, day, customer);
  const sigma = day.weekend ? 1.05 : 1.25;
  const cents = random.logNormal(company ? 60_000 : 6_500, sigma) * customer.scale * value;
  const amountCents = naturalAmount(random, Math.min(cents, 30_000_000), company ? 'bill' : 'person');
  return { ...base, payee, amountCents, style: 'person', form: formOf(random, 'person'), trusted };
}

/** Known shops first; a new one may become a habit. */
function shopOf(random: Random, population: Population, customer: Customer): Account {
  if (random.chance(0.55)) return customer.shops[Math.floor(random.unit() ** 1.6 * customer.shops.length)]!;
  const away = random.chance(0.16);
  const shop = away ? random.pick(population.shops) : anyShop(random, population);
  if (random.chance(0.2)) customer.shops[random.below(customer.shops.length)] = shop;
  return shop;
}

function personOf(
  random: Random,
  population: Population,
  day: Day,
  customer: Customer,
): { payee: Account; trusted: boolean } {
  const { circle, elsewhere } = customer;
  if (elsewhere && random.chance(0.09)) return { payee: elsewhere, trusted: true };
  if (random.chance(0.74)) {
    const place = Math.floor(random.unit() ** 1.7 * circle.length);
    return { payee: circle[place]!, trusted: place < customer.trusted };
  }
  const payee = random.chance(0.4)
    ? unknownPerson(random, population, day.startMs)
    : random.pick(random.chance(0.4) ? population.sellers : population.persons);
  if (payee === customer.account) return { payee: circle[0]!, trusted: customer.trusted > 0 };
  if (random.chance(0.3) && circle.length > 1) circle[random.integer(1, circle.length - 1)] = payee;
  return { payee, trusted: false };
}

/** `count` everyday payments of the day; some come in pairs, minutes apart. */
export function everydayPlans(random: Random, population: Population, day: Day, count: number): Plan[] {
  const plans: Plan[] = [];
  while (plans.length < count) {
    const customer = anyCustomer(random, population);
    if (day.weekend && customer.account.legalPerson && random.chance(0.7)) continue;
    const plan = everyday(random, population, day, customer);
    plans.push(plan);
    if (random.chance(0.09)) {
      const again = everyday(random, population, day, customer);
      again.atMs = plan.atMs + Math.floor(20_000 + random.exponential(240_000));
      if (random.chance(0.6))
        plan.circumstances = again.circumstances = {
          sessionStartedAtMs: plan.atMs - random.logNormal(60, 0.7) * 1_000,
        };
      plans.push(again);
    }
  }
  return plans;
}
