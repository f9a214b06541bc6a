import { HOURS, momentOf } from './calendar.js';
import { formOf } from './everyday.js';
import { anyCustomer } from './population.js';
import { falseShop } from './ring.js';
import { theft, type Scenario } from './scenario.js';

/** Goods that never come: the victim pays freely, and takes days to understand. */
export const fakeSeller: Scenario = {
  name: 'fake_seller',
  situation: 'scam',
  marker: 'scammerAccounts',
  reported: 0.58,
  reportHours: 150,
  weight: (months) => 1.1 + 0.1 * Math.min(months, 5),
  incident(crime) {
    const { random, ring, population, day } = crime;
    const customer = anyCustomer(random, population);
    const atMs = momentOf(random, day, HOURS.shopping, customer.shiftHours);
    const shop = falseShop(random, ring, population, atMs, random.chance(0.4)).account;
    return [
      theft(crime, 'fake_seller', {
        atMs,
        customer,
        payee: shop,
        amountCents: shop.priceCents * 2.2 * random.logNormal(1, 0.6),
        style: 'shop',
        form: shop.legalPerson ? formOf(random, 'shop') : formOf(random, 'person'),
        circumstances: null,
      }),
    ];
  },
};
