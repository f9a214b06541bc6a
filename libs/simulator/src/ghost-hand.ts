import { HOURS, MINUTE_MS, momentOf } from './calendar.js';
import type { Circumstances } from './plan.js';
import { muleOf } from './ring.js';
import { muleForm, theft, victimOf, type Scenario } from './scenario.js';

/** Mão fantasma: remote control or malware with accessibility permission moves the victim's own phone. */
export const ghostHand: Scenario = {
  name: 'ghost_hand',
  situation: 'fraudulent_access',
  marker: 'muleAccounts',
  reported: 0.93,
  reportHours: 9,
  weight: () => 0.5,
  incident(crime) {
    const { random, ring, population, day, months } = crime;
    const customer = victimOf(crime, 3, true);
    const startMs = momentOf(random, day, random.chance(0.3) ? HOURS.night : HOURS.transfer);
    const fading = Math.exp(-months / 5);
    const hand: Circumstances = {
      anomaly: Math.max(0, 0.1 + 0.18 * fading + 0.16 * random.normal()),
      sessionStartedAtMs: startMs - random.logNormal(48, 0.8) * 1_000,
      remoteAccess: random.chance(0.12 + 0.4 * fading),
      accessibility: customer.accessibility || random.chance(0.18 + 0.3 * fading),
    };
    if (random.chance(0.2 * fading)) hand.screenShare = true;
    const count = random.chance(0.45) ? 1 : random.integer(2, 4);
    return Array.from({ length: count }, (_, i) =>
      theft(crime, 'ghost_hand', {
        atMs: startMs + i * random.exponential(2.5 * MINUTE_MS),
        customer,
        payee: muleOf(random, ring, population, startMs).account,
        balanceShare: random.between(0.25, 0.98),
        style: random.chance(0.4) ? 'person' : 'bill',
        form: muleForm(random),
        circumstances: hand,
      }),
    );
  },
};
