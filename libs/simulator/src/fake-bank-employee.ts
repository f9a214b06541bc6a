import { HOUR_MS, HOURS, MINUTE_MS, momentOf } from './calendar.js';
import type { Circumstances } from './plan.js';
import { muleOf } from './ring.js';
import { muleForm, theft, victimOf, type Scenario } from './scenario.js';

/** A caller from "the bank" has the victim move the money to safety: own phone, own hands, on the line. */
export const fakeBankEmployee: Scenario = {
  name: 'fake_bank_employee',
  situation: 'scam',
  marker: 'muleAccounts',
  reported: 0.82,
  reportHours: 14,
  weight: (months) => 1 + 0.15 * Math.min(months, 6),
  incident(crime) {
    const { random, ring, population, day, months } = crime;
    const customer = victimOf(crime, 4, true);
    const startMs = momentOf(random, day, HOURS.business);
    const stillOnCall = 0.5 * Math.exp(-months / 9) + 0.1;
    const call: Circumstances = {
      anomaly: Math.max(0, 0.08 + 0.1 * random.normal()),
      sessionStartedAtMs: startMs - random.logNormal(190, 0.7) * 1_000,
    };
    if (random.chance(stillOnCall)) call.onCall = true;
    if (random.chance(0.16)) call.remoteAccess = random.chance(0.7);
    if (random.chance(0.12)) call.screenShare = true;
    if (random.chance(0.18)) call.limitRaisedAtMs = Math.floor(startMs - random.exponential(0.6) * HOUR_MS);
    const count = random.chance(0.6) ? 1 : random.integer(2, 4);
    return Array.from({ length: count }, (_, i) =>
      theft(crime, 'fake_bank_employee', {
        atMs: startMs + i * random.exponential(7 * MINUTE_MS),
        customer,
        payee: muleOf(random, ring, population, startMs).account,
        balanceShare: random.between(0.15, 0.95),
        style: random.chance(0.5) ? 'person' : 'bill',
        form: muleForm(random),
        circumstances: call,
      }),
    );
  },
};
