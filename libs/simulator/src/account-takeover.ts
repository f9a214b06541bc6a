import { HOUR_MS, HOURS, MINUTE_MS, momentOf } from './calendar.js';
import { newDevice } from './customer.js';
import type { Circumstances } from './plan.js';
import { muleOf } from './ring.js';
import { muleForm, theft, victimOf, type Crime, type Scenario } from './scenario.js';

/** Stolen credentials or a cloned chip: the thief pays from a phone of his own, or with a stolen session. */
export const accountTakeover: Scenario = {
  name: 'account_takeover',
  situation: 'account_takeover',
  marker: 'muleAccounts',
  reported: 0.9,
  reportHours: 11,
  weight: () => 0.5,
  incident(crime) {
    const { random, ring, population, day } = crime;
    const customer = victimOf(crime, 3, false);
    const startMs = momentOf(random, day, random.chance(0.35) ? HOURS.night : HOURS.transfer);
    const entry = entryOf(crime, startMs);
    const unregistered = entry.device?.registeredAtMs === Infinity;
    const count = random.chance(0.35) ? 1 : random.integer(2, 5);
    return Array.from({ length: count }, (_, i) =>
      theft(crime, 'account_takeover', {
        atMs: startMs + i * random.exponential(6 * MINUTE_MS),
        customer,
        payee: muleOf(random, ring, population, startMs).account,
        // An unregistered device pays R$ 200 at once (Resolução BCB 403/2024).
        ...(unregistered
          ? { amountCents: random.between(9_000, 19_990) }
          : { balanceShare: random.between(0.2, 0.95) }),
        style: random.chance(0.5) ? 'person' : 'bill',
        form: muleForm(random),
        circumstances: entry,
      }),
    );
  },
};

function entryOf(crime: Crime, startMs: number): Circumstances {
  const { random, ring, months } = crime;
  const entry: Circumstances = {
    anomaly: Math.max(0, 0.12 + 0.14 * random.normal()),
    sessionStartedAtMs: startMs - random.logNormal(90, 0.8) * 1_000,
    failedAuthentications: random.chance(0.25) ? random.integer(1, 4) : 0,
    authentication: random.chance(0.75) ? 'password' : 'biometrics',
  };
  if (random.chance(0.72 - 0.25 * Math.min(1, months / 6))) {
    const own = random.chance(0.35) ? random.pick(ring.farm) : newDevice(random, 0, false);
    entry.device = { ...own, firstSeenAtMs: Math.floor(startMs - random.exponential(3) * HOUR_MS) };
    entry.device.registeredAtMs = random.chance(0.55) ? entry.device.firstSeenAtMs : Infinity;
    entry.ip = own.ip;
  }
  if (random.chance(0.35)) entry.simChangedAtMs = Math.floor(startMs - random.exponential(9) * HOUR_MS);
  if (random.chance(0.45)) entry.credentialResetAtMs = Math.floor(startMs - random.exponential(1.2) * HOUR_MS);
  if (random.chance(0.2)) entry.limitRaisedAtMs = Math.floor(startMs - random.exponential(1) * HOUR_MS);
  if (random.chance(0.12)) entry.anonymousNetwork = true;
  if (random.chance(0.4)) entry.distanceKm = random.logNormal(60, 1.6);
  return entry;
}
