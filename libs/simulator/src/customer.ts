import type { Account } from './account.js';
import { DAY_MS } from './calendar.js';
import { hex, ipv4 } from './identity.js';
import type { Random } from './random.js';

export interface Device {
  id: string;
  platform: 'android' | 'ios' | 'web' | 'other';
  firstSeenAtMs: number;
  /** When the customer registered it for Pix; Infinity for never. */
  registeredAtMs: number;
  rooted: boolean;
  emulator: boolean;
  ip: string;
}

/** A monthly payment: rent, school, energy, instalments. */
export interface Bill {
  payee: Account;
  dayOfMonth: number;
  amountCents: number;
  /** The same amount to the cent each month (rent) or not (energy). */
  fixed: boolean;
}

/** A customer of our institution: habits of paying, and what the channel can see. */
export interface Customer {
  account: Account;
  elder: boolean;
  incomeCents: number;
  /** Personal scale of everyday amounts; 1 is the median person. */
  scale: number;
  activity: number;
  shiftHours: number;
  circle: Account[];
  /** The first so many of the circle stand in the list of trusted payees. */
  trusted: number;
  shops: Account[];
  bills: Bill[];
  /** Own account at another institution. */
  elsewhere: Account | null;
  /** Forwards what comes in within minutes: salary to the bank of old, a shop to its owner. */
  sweeper: boolean;
  devices: Device[];
  /** 0: the app sends no session; 1: the plain one; 2: with behaviour and phone state. */
  appGeneration: number;
  sendsDevice: boolean;
  sharesLocation: boolean;
  web: boolean;
  callRate: number;
  remoteRate: number;
  pasteRate: number;
  accessibility: boolean;
  anomaly: number;
  vpn: boolean;
  balanceCents: number;
  nightLimitCents: number;
  /** What was sent in the night that began on `nightDay` (local day since 1970). */
  nightSumCents: number;
  nightDay: number;
  simChangedAtMs: number;
  credentialResetAtMs: number;
  limitRaisedAtMs: number;
  tripUntilMs: number;
  tripKm: number;
}

export function newDevice(random: Random, firstSeenAtMs: number, web: boolean): Device {
  const platform = web ? 'web' : random.chance(0.78) ? 'android' : 'ios';
  return {
    id: hex(random, 32),
    platform,
    firstSeenAtMs: Math.floor(firstSeenAtMs),
    registeredAtMs: random.chance(0.96) ? firstSeenAtMs : Infinity,
    rooted: platform === 'android' && random.chance(0.012),
    emulator: random.chance(0.0015),
    ip: ipv4(random),
  };
}

/** Habits for the owner of `account`; the circle is filled by the population. */
export function newCustomer(random: Random, account: Account, nowMs: number): Customer {
  const company = account.legalPerson;
  const elder = !company && random.chance(0.19);
  const incomeCents = Math.round(company ? random.logNormal(2_400_000, 1.1) : random.logNormal(270_000, 0.7));
  const web = company ? random.chance(0.45) : random.chance(0.05);
  const sinceMs = account.openedAtMs;
  const within = (shareEver: number, days: number) =>
    random.chance(shareEver) ? Math.floor(nowMs - Math.min(random.exponential(days) * DAY_MS, nowMs - sinceMs)) : 0;
  const customer: Customer = {
    account,
    elder,
    incomeCents,
    scale: (incomeCents / (company ? 1_000_000 : 270_000)) ** 0.6 * random.logNormal(1, 0.25),
    activity: random.logNormal(company ? 2.2 : elder ? 0.55 : 1, 0.75),
    shiftHours: random.normal() * 0.9 + (!elder && random.chance(0.1) ? random.between(2, 5) : 0),
    circle: [],
    trusted: random.below(4),
    shops: [],
    bills: [],
    elsewhere: null,
    sweeper: random.chance(company ? 0.08 : 0.03),
    devices: [newDevice(random, random.between(Math.max(sinceMs, nowMs - 900 * DAY_MS), nowMs), web)],
    appGeneration: random.chance(0.07) ? 0 : random.chance(elder ? 0.5 : 0.3) ? 1 : 2,
    sendsDevice: random.chance(0.95),
    sharesLocation: random.chance(0.66),
    web,
    callRate: 0.004 + random.exponential(0.018),
    remoteRate: random.chance(0.985) ? 0.0002 : random.between(0.02, 0.3),
    pasteRate: random.between(0.1, 0.55),
    accessibility: random.chance(elder ? 0.05 : 0.015),
    anomaly: random.between(0.06, 0.24),
    vpn: random.chance(0.02),
    balanceCents: Math.round(incomeCents * random.between(0.05, 1.4)),
    nightSumCents: 0,
    nightDay: 0,
    nightLimitCents: random.chance(0.12) ? random.pick([50_000, 200_000, 300_000, 500_000, 1_000_000]) : 0,
    simChangedAtMs: within(0.25, 300),
    credentialResetAtMs: within(0.5, 250),
    limitRaisedAtMs: within(0.2, 200),
    tripUntilMs: 0,
    tripKm: 0,
  };
  if (random.chance(0.22))
    customer.devices.push(newDevice(random, random.between(Math.max(sinceMs, nowMs - 500 * DAY_MS), nowMs), web));
  account.customer = customer;
  return customer;
}
