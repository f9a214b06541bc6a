import type { Account } from './account.js';
import { naturalAmount } from './amounts.js';
import { senderTo } from './arrivals.js';
import { DAY_MS, HOUR_MS, HOURS, momentOf, type Day } from './calendar.js';
import { newDevice, type Customer } from './customer.js';
import { everyday, formOf } from './everyday.js';
import { lookAlike, type Circumstances, type Plan } from './plan.js';
import { anyCustomer, unknownPerson, type Population } from './population.js';
import type { Random } from './random.js';

/** Honest and unusual. Each returns the payments of one such event; some only change the customer. */
type LookAlike = (random: Random, population: Population, day: Day, customer: Customer) => Plan[];

/** Events per payment of the day. */
const LOOK_ALIKES: [number, LookAlike][] = [
  [0.0022, newPhone],
  [0.0035, bigPurchase],
  [0.0012, journey],
  [0.0012, helpedFromAfar],
  [0.0016, paidWhileOnCall],
  [0.0012, refund],
  [0.001, splitBill],
  [0.0008, nightOut],
];

export function lookAlikePlans(random: Random, population: Population, day: Day, payments: number): Plan[] {
  const plans: Plan[] = [];
  for (const [rate, event] of LOOK_ALIKES)
    for (let i = random.poisson(payments * rate); i > 0; i--)
      plans.push(...event(random, population, day, anyCustomer(random, population)));
  return plans;
}

function purchase(
  random: Random,
  day: Day,
  customer: Customer,
  payee: Account,
  cents: number,
  name: string,
  circumstances: Circumstances | null,
): Plan {
  const style = payee.legalPerson ? 'shop' : 'person';
  return {
    atMs: momentOf(random, day, HOURS.transfer, customer.shiftHours),
    payer: customer.account,
    payee,
    customer,
    amountCents: naturalAmount(random, cents, style),
    style,
    form: formOf(random, style),
    circumstances,
    truth: lookAlike(name),
    contested: random.chance(0.003),
  };
}

/** Payees of large single payments: often young accounts, mostly people never paid before. */
function unusualPayee(random: Random, population: Population, day: Day): Account {
  if (random.chance(0.45)) return unknownPerson(random, population, day.startMs);
  return random.pick(random.chance(0.5) ? population.sellers : population.shops);
}

/** A new phone: new device, often a new chip and password, sometimes failed attempts; then life goes on. */
function newPhone(random: Random, population: Population, day: Day, customer: Customer): Plan[] {
  const atMs = momentOf(random, day, HOURS.transfer, customer.shiftHours);
  const device = newDevice(random, atMs - random.exponential(1.5) * HOUR_MS, customer.web);
  device.ip = customer.devices[0]!.ip;
  if (random.chance(0.5)) device.registeredAtMs = atMs + random.exponential(1.5) * DAY_MS;
  customer.devices = [device];
  if (random.chance(0.4)) customer.simChangedAtMs = Math.floor(device.firstSeenAtMs - random.exponential(8) * HOUR_MS);
  if (random.chance(0.5)) customer.credentialResetAtMs = Math.floor(atMs - random.unit() * 2 * HOUR_MS);
  const circumstances: Circumstances = {
    device,
    failedAuthentications: random.chance(0.35) ? random.integer(1, 4) : 0,
    anomaly: Math.max(0, 0.12 + 0.12 * random.normal()),
    authentication: random.chance(0.6) ? 'password' : 'biometrics',
  };
  const moved = random.chance(0.22);
  const count = random.integer(1, 3);
  return Array.from({ length: count }, (_, i) => ({
    ...(moved
      ? largePayment(random, population, day, customer, 'new_phone')
      : everyday(random, population, day, customer)),
    atMs: atMs + i * Math.floor(random.exponential(15 * 60_000)),
    circumstances,
    truth: lookAlike('new_phone'),
  }));
}

/** A car, a deposit, a surgery: most of the balance to somebody new, the limit raised for it. */
function bigPurchase(random: Random, population: Population, day: Day, customer: Customer): Plan[] {
  const plan = largePayment(random, population, day, customer, 'big_purchase');
  if (plan.amountCents > 300_000 && random.chance(0.4))
    plan.circumstances = { limitRaisedAtMs: Math.floor(plan.atMs - random.exponential(20) * HOUR_MS) };
  const plans = [plan];
  if (random.chance(0.3))
    plans.push({ ...plan, atMs: plan.atMs + Math.floor(random.exponential(12 * 60_000)), circumstances: null });
  return plans;
}

function largePayment(random: Random, population: Population, day: Day, customer: Customer, name: string): Plan {
  const cents = Math.min(40_000_000, random.logNormal(120_000, 1) * customer.scale);
  const plan = purchase(random, day, customer, unusualPayee(random, population, day), cents, name, null);
  if (random.chance(0.5)) plan.balanceShare = random.between(0.15, 1);
  return plan;
}

/** Some days far from home, new shops. */
function journey(random: Random, population: Population, day: Day, customer: Customer): Plan[] {
  customer.tripUntilMs = day.startMs + random.integer(1, 9) * DAY_MS;
  customer.tripKm = random.logNormal(420, 1);
  return Array.from({ length: random.integer(1, 3) }, () => {
    const payee = random.pick(random.chance(0.7) ? population.shops : population.sellers);
    const cents = payee.priceCents * customer.scale * random.logNormal(1.3, 0.7);
    return purchase(random, day, customer, payee, cents, 'journey', null);
  });
}

/** An elder whose grandchild helps by remote support. */
function helpedFromAfar(random: Random, population: Population, day: Day, customer: Customer): Plan[] {
  const shared = random.chance(0.5);
  const plan = everyday(random, population, day, customer);
  return [
    {
      ...plan,
      circumstances: {
        remoteAccess: random.chance(0.7),
        screenShare: shared,
        onCall: random.chance(0.65),
        anomaly: Math.abs(0.2 * random.normal()),
        sessionStartedAtMs: plan.atMs - random.logNormal(300, 0.6) * 1_000,
      },
      truth: lookAlike('helped_from_afar'),
    },
  ];
}

/** The plumber on the phone dictates his key. */
function paidWhileOnCall(random: Random, population: Population, day: Day, customer: Customer): Plan[] {
  const payee = unusualPayee(random, population, day);
  const cents = random.logNormal(28_000, 1) * customer.scale;
  const plan = purchase(random, day, customer, payee, cents, 'paid_while_on_call', null);
  const sessionStartedAtMs = plan.atMs - random.logNormal(160, 0.7) * 1_000;
  plan.circumstances = { onCall: true, sessionStartedAtMs, keyPasted: random.chance(0.25) };
  return [plan];
}

/** Somebody paid by mistake or too much; the money goes back, now and then to another account of the same family. */
function refund(random: Random, population: Population, day: Day, customer: Customer): Plan[] {
  const sender = senderTo(random, population, customer);
  const plan = purchase(random, day, customer, sender, random.logNormal(14_000, 1), 'refund', null);
  if (random.chance(0.3)) plan.payee = random.pick(population.persons);
  if (plan.payee === customer.account) return [];
  plan.form = random.chance(0.85) ? 'DICT' : 'MANU';
  const incoming: Plan = {
    ...plan,
    atMs: plan.atMs - Math.floor(random.exponential(3 * HOUR_MS)),
    payer: sender,
    payee: customer.account,
    customer: null,
    form: formOf(random, 'person'),
  };
  return [incoming, plan];
}

/** Friends pay one of them, who pays the bill at once: fan-in and pass-through. */
function splitBill(random: Random, population: Population, day: Day, customer: Customer): Plan[] {
  const payee = random.pick(random.chance(0.6) ? population.shops : population.sellers);
  const bill = purchase(random, day, customer, payee, random.logNormal(45_000, 0.8), 'split_bill', null);
  const friends = random.integer(3, 9);
  const incoming = Array.from({ length: friends }, () => ({
    ...bill,
    atMs: bill.atMs - Math.floor(random.exponential(40 * 60_000)),
    payer: senderTo(random, population, customer),
    payee: customer.account,
    customer: null,
    amountCents: Math.max(100, Math.round(bill.amountCents / (friends + 1))),
    form: 'DICT' as const,
  }));
  return [...incoming, bill];
}

/** Several payments to strangers between evening and dawn, away from home. */
function nightOut(random: Random, population: Population, day: Day, customer: Customer): Plan[] {
  const startMs = momentOf(random, day, HOURS.night);
  const distanceKm = random.exponential(18);
  return Array.from({ length: random.integer(2, 5) }, (_, i) => {
    const payee = random.pick(random.chance(0.5) ? population.sellers : population.shops);
    const circumstances = { distanceKm, anomaly: Math.max(0, 0.1 + 0.15 * random.normal()) };
    const plan = purchase(random, day, customer, payee, random.logNormal(9_000, 0.9), 'night_out', circumstances);
    plan.atMs = startMs + i * Math.floor(random.exponential(40 * 60_000));
    return plan;
  });
}
