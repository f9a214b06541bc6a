import { HOUR_MS, HOURS, MINUTE_MS, momentOf } from './calendar.js';
import { naturalAmount } from './amounts.js';
import type { Plan } from './plan.js';
import { lookAlike } from './plan.js';
import { anyCustomer } from './population.js';
import { muleOf } from './ring.js';
import { muleForm, theft, type Scenario } from './scenario.js';

/** "I paid you by mistake": the victim sends it back to another account, and the sender has the first undone by MED. */
export const wrongPix: Scenario = {
  name: 'wrong_pix',
  situation: 'scam',
  marker: 'scammerAccounts',
  reported: 0.55,
  reportHours: 90,
  weight: () => 0.4,
  incident(crime) {
    const { random, ring, population, day } = crime;
    const customer = anyCustomer(random, population);
    const sender = muleOf(random, ring, population, day.startMs).account;
    const taker = muleOf(random, ring, population, day.startMs).account;
    const atMs = momentOf(random, day, HOURS.transfer);
    const amountCents = naturalAmount(random, random.logNormal(22_000, 0.7), 'person');
    const back = theft(crime, 'wrong_pix', {
      atMs: atMs + 5 * MINUTE_MS + random.exponential(3 * HOUR_MS),
      customer,
      payee: taker,
      amountCents,
      style: 'person',
      form: random.chance(0.85) ? 'DICT' : muleForm(random),
      circumstances: random.chance(0.12) ? { onCall: true } : null,
    });
    back.amountCents = amountCents;
    if (sender.customer) return [back];
    const bait: Plan = {
      ...back,
      atMs,
      payer: sender,
      payee: customer.account,
      customer: null,
      form: muleForm(random),
      truth: lookAlike('wrong_pix_bait'),
      circumstances: null,
      contested: random.chance(0.7),
    };
    return [bait, back];
  },
};
