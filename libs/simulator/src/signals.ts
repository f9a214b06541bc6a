import type { Payment } from '@vigia/contracts';
import { DAY_MS, instantText, MINUTE_MS } from './calendar.js';
import type { Device } from './customer.js';
import { ipv4 } from './identity.js';
import type { Circumstances, Plan } from './plan.js';
import type { Random } from './random.js';

export type DeviceSignals = NonNullable<Payment['device']>;
export type SessionSignals = NonNullable<Payment['session']>;

/** A session ends by itself after this long; the customer then logs in again. */
const SESSION_MS = 15 * MINUTE_MS;

const USUAL: Circumstances = Object.freeze({});

/** The device the payment is made on: the main one mostly. */
export function deviceOf(random: Random, plan: Plan): Device {
  const { customer, circumstances } = plan;
  const devices = customer!.devices;
  return circumstances?.device ?? (devices.length > 1 && random.chance(0.2) ? devices[1]! : devices[0]!);
}

/** What the app would report of the device, or undefined where it reports none. */
export function deviceSignals(random: Random, plan: Plan, device: Device): DeviceSignals | undefined {
  const customer = plan.customer!;
  const what = plan.circumstances ?? USUAL;
  if (!customer.sendsDevice || random.chance(0.015)) return undefined;
  const signals: DeviceSignals = {
    id: device.id,
    registered: plan.atMs >= device.registeredAtMs,
    firstSeenAt: instantText(device.firstSeenAtMs),
    platform: device.platform,
  };
  if (random.chance(0.93))
    signals.ip = what.ip ?? (what.distanceKm === undefined && random.chance(0.6) ? device.ip : ipv4(random));
  signals.anonymousNetwork = what.anonymousNetwork ?? random.chance(customer.vpn ? 0.7 : 0.004);
  if (device.platform !== 'web') {
    signals.emulator = device.emulator;
    signals.rooted = device.rooted;
    phoneSignals(random, plan, what, signals);
  }
  return signals;
}

function phoneSignals(random: Random, plan: Plan, what: Circumstances, signals: DeviceSignals): void {
  const customer = plan.customer!;
  if (customer.appGeneration >= 1) {
    signals.accessibilityService = what.accessibility ?? (customer.accessibility || random.chance(0.002));
    signals.remoteAccess = what.remoteAccess ?? random.chance(customer.remoteRate);
  }
  if (customer.appGeneration >= 2) {
    signals.screenShare = what.screenShare ?? random.chance(0.0015 + customer.remoteRate * 0.3);
    const simMs = what.simChangedAtMs ?? customer.simChangedAtMs;
    if (simMs > 0) signals.simChangedAt = instantText(simMs);
  }
  if (customer.sharesLocation && random.chance(0.95)) {
    const usual = plan.atMs < customer.tripUntilMs ? customer.tripKm * random.between(0.9, 1.1) : usualKm(random);
    signals.distanceFromUsualKm = Math.round((what.distanceKm ?? usual) * 10) / 10;
  }
}

function usualKm(random: Random): number {
  return Math.min(15_000, random.chance(0.04) ? random.exponential(90) : random.exponential(3.5));
}

/** What the channel would report of the session, or undefined where it reports none. */
export function sessionSignals(random: Random, plan: Plan): SessionSignals | undefined {
  const customer = plan.customer!;
  const what = plan.circumstances ?? USUAL;
  if (customer.appGeneration === 0 || random.chance(0.01)) return undefined;
  const channel = customer.web ? (customer.account.legalPerson && random.chance(0.3) ? 'api' : 'web') : 'app';
  const freshMs = plan.atMs - Math.min(3_000, random.logNormal(75, 0.8)) * 1_000;
  const runningMs = what.sessionStartedAtMs ?? freshMs;
  const startedAtMs = plan.atMs - runningMs > SESSION_MS ? freshMs : runningMs;
  const session: SessionSignals = {
    channel: random.chance(0.004) ? 'call_centre' : channel,
    startedAt: instantText(Math.floor(startedAtMs)),
    authentication:
      what.authentication ??
      (customer.web ? (random.chance(0.5) ? 'token' : 'password') : random.chance(0.62) ? 'biometrics' : 'password'),
    failedAuthentications: what.failedAuthentications ?? (random.chance(0.06) ? random.integer(1, 3) : 0),
    trustedPayee: plan.trusted ?? false,
    balance: '0.00',
  };
  const resetMs = what.credentialResetAtMs ?? customer.credentialResetAtMs;
  if (resetMs > 0 && plan.atMs - resetMs < 400 * DAY_MS) session.credentialResetAt = instantText(resetMs);
  const raisedMs = what.limitRaisedAtMs ?? customer.limitRaisedAtMs;
  if (raisedMs > 0 && plan.atMs - raisedMs < 400 * DAY_MS) session.limitRaisedAt = instantText(raisedMs);
  if (plan.form === 'DICT') session.keyPasted = what.keyPasted ?? random.chance(customer.pasteRate);
  if (customer.appGeneration >= 2) {
    if (channel === 'app') session.onCall = what.onCall ?? random.chance(customer.callRate);
    session.behaviourAnomaly = anomaly(random, customer.anomaly + (what.anomaly ?? 0));
  }
  return session;
}

/** Around the customer's own level, with the long tail that rushed, drunk or gloved hands give. */
function anomaly(random: Random, level: number): number {
  const tail = random.chance(0.05) ? random.exponential(0.25) : 0;
  const value = level + 0.07 * random.normal() + tail;
  return Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
}
