import { HOURS, MINUTE_MS, momentOf } from './calendar.js';
import type { Circumstances } from './plan.js';
import { muleOf } from './ring.js';
import { muleForm, theft, victimOf, type Scenario } from './scenario.js';

/** The night limit that an institution gives by default (Resolução BCB 142/2021), which the kidnappers know. */
const NIGHT_LIMIT_CENTS = 100_000;

/** Sequestro relâmpago: the victim pays under threat, own phone and own finger, mostly at night. */
export const lightningKidnapping: Scenario = {
  name: 'lightning_kidnapping',
  situation: 'coercion',
  marker: 'muleAccounts',
  reported: 0.85,
  reportHours: 20,
  weight: () => 0.17,
  incident(crime) {
    const { random, ring, population, day } = crime;
    const customer = victimOf(crime, 2, false);
    const atNight = random.chance(0.75);
    const startMs = momentOf(random, day, atNight ? HOURS.night : HOURS.transfer);
    const limitCents = customer.nightLimitCents || NIGHT_LIMIT_CENTS;
    const place: Circumstances = {
      distanceKm: random.logNormal(9, 0.9),
      anomaly: Math.max(0, 0.1 + 0.12 * random.normal()),
      failedAuthentications: random.chance(0.2) ? random.integer(1, 3) : 0,
      sessionStartedAtMs: startMs - random.logNormal(110, 0.8) * 1_000,
    };
    return Array.from({ length: random.integer(1, 5) }, (_, i) =>
      theft(crime, 'lightning_kidnapping', {
        atMs: startMs + i * random.exponential(11 * MINUTE_MS),
        customer,
        payee: muleOf(random, ring, population, startMs).account,
        amountCents: (atNight ? limitCents : 3 * limitCents) * random.between(0.15, 0.9),
        style: 'person',
        form: muleForm(random),
        circumstances: place,
      }),
    );
  },
};
