import { HOURS, momentOf } from './calendar.js';
import { everyday } from './everyday.js';
import { falseShop, muleOf } from './ring.js';
import { theft, type Scenario } from './scenario.js';
import { anyCustomer } from './population.js';

/** A bill, a poster or a copied code carries another key: the victim pays as always, to somebody else. */
export const qrTampering: Scenario = {
  name: 'qr_tampering',
  situation: 'scam',
  marker: 'scammerAccounts',
  reported: 0.68,
  reportHours: 120,
  weight: (months) => 0.75 + 0.1 * Math.min(months, 5),
  incident(crime) {
    const { random, ring, population, day } = crime;
    const customer = anyCustomer(random, population);
    const bill = customer.bills.length > 0 && random.chance(0.7) ? random.pick(customer.bills) : null;
    const usual = everyday(random, population, day, customer);
    const atMs = bill ? momentOf(random, day, HOURS.bill, customer.shiftHours * 0.5) : usual.atMs;
    const taker = random.chance(0.6)
      ? falseShop(random, ring, population, atMs, random.chance(0.6))
      : muleOf(random, ring, population, atMs);
    return [
      theft(crime, 'qr_tampering', {
        atMs,
        customer,
        payee: taker.account,
        amountCents: bill ? bill.amountCents * random.logNormal(1, 0.15) : usual.amountCents,
        style: 'bill',
        form: random.chance(0.5) ? 'QRDN' : random.chance(0.85) ? 'QRES' : 'DICT',
        circumstances: null,
      }),
    ];
  },
};
