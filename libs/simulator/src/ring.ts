import { addKey, type Account } from './account.js';
import { DAY_MS } from './calendar.js';
import { newCustomer, newDevice, type Customer, type Device } from './customer.js';
import { settle } from './dict-record.js';
import { SCENARIO_NAMES, type ScenarioName } from './plan.js';
import { anyCustomer, unknownPerson, type Population } from './population.js';
import type { Random } from './random.js';

/** An account that takes stolen money. */
export interface Mule {
  account: Account;
  hitsLeft: number;
  /** Burnt after this moment: blocked, emptied or feared. */
  untilMs: number;
}

/** A gang with its ways; it works some weeks, then another follows. */
export interface Ring {
  number: number;
  untilMs: number;
  trades: Set<ScenarioName>;
  mules: Mule[];
  /** Days that opened accounts are left to age. */
  agingDays: number;
  /** Share of mules that are accounts lent by people with a history. */
  lentShare: number;
  /** Payments that one mule takes. */
  hits: number;
  /** Keeps amounts below this; Infinity when careless. */
  ceilingCents: number;
  /** Phones used on taken-over accounts. */
  farm: Device[];
  passMinutes: number;
}

/** `months` since the simulation began: gangs learn to wait, to lend instead of open, and to stay below limits. */
export function newRing(random: Random, number: number, nowMs: number, months: number): Ring {
  const trades = new Set<ScenarioName>();
  const count = random.integer(2, 4);
  while (trades.size < count) trades.add(random.pick(SCENARIO_NAMES));
  const learnt = 1 - Math.exp(-months / 4);
  return {
    number,
    untilMs: nowMs + random.between(8, 45) * DAY_MS,
    trades,
    mules: [],
    agingDays: random.logNormal(18 + 45 * learnt, 0.8),
    lentShare: Math.min(0.9, random.between(0.2, 0.55) + 0.25 * learnt),
    hits: random.between(1.2, 5),
    ceilingCents: random.chance(0.25 + 0.35 * learnt)
      ? random.pick([49_900, 99_000, 100_000, 199_000, 300_000])
      : Infinity,
    farm: Array.from({ length: random.integer(1, 5) }, () =>
      newDevice(random, nowMs - random.between(0, 30) * DAY_MS, false),
    ),
    passMinutes: random.logNormal(9, 0.7),
  };
}

/** The mule of the moment, one of a few in use; a new one when they are spent. `ours` asks for one at our institution. */
export function muleOf(random: Random, ring: Ring, population: Population, atMs: number, ours = false): Mule {
  ring.mules = ring.mules.filter((mule) => mule.hitsLeft > 0 && mule.untilMs > atMs);
  const ready = ours ? ring.mules.filter((mule) => mule.account.customer !== null) : ring.mules;
  const mule =
    ready.length > 0 && random.chance(0.72) ? random.pick(ready) : recruit(random, ring, population, atMs, ours);
  return hit(random, mule, atMs);
}

/** One more payment for the mule here, and those of other banks' victims, whose reports come sooner or later. */
function hit(random: Random, mule: Mule, atMs: number): Mule {
  mule.hitsLeft--;
  const { dict } = mule.account;
  const elsewhere = random.poisson(0.9);
  settle(dict, atMs, elsewhere);
  for (let i = 0; i < elsewhere; i++) {
    if (random.chance(0.5)) continue;
    const openedAtMs = Math.floor(atMs + random.logNormal(1.5, 1) * DAY_MS);
    const agreed = random.chance(0.85);
    dict.reports.push({
      keyIndex: 0,
      openedAtMs,
      closedAtMs: openedAtMs + Math.floor(random.between(0.3, 7) * DAY_MS),
      agreed,
      blocks: agreed && random.chance(0.5),
      kind: random.chance(0.6) ? 'muleAccounts' : 'scammerAccounts',
      amountCents: Math.round(random.logNormal(60_000, 1)),
      reporter: random.below(40),
    });
  }
  return mule;
}

function recruit(random: Random, ring: Ring, population: Population, atMs: number, ours: boolean): Mule {
  const mule: Mule = {
    account:
      ours || random.chance(0.13) ? ourMule(random, ring, population, atMs) : otherMule(random, ring, population, atMs),
    hitsLeft: 1 + random.poisson(ring.hits),
    untilMs: atMs + random.between(0.2, 7) * DAY_MS,
  };
  ring.mules.push(mule);
  return mule;
}

/** A customer of ours who lends the account, or one who opened it for that. */
function ourMule(random: Random, ring: Ring, population: Population, atMs: number): Account {
  if (random.chance(ring.lentShare)) {
    const customer: Customer = anyCustomer(random, population);
    if (!customer.account.legalPerson) return customer.account;
  }
  return asCustomer(random, population, opened(random, ring, population, atMs, true), atMs);
}

function asCustomer(random: Random, population: Population, account: Account, atMs: number): Account {
  const customer = newCustomer(random, account, atMs);
  for (let i = 0; i < 3; i++) {
    customer.circle.push(random.pick(population.persons));
    customer.shops.push(random.pick(population.shops));
  }
  customer.balanceCents = random.below(20_000);
  return account;
}

function otherMule(random: Random, ring: Ring, population: Population, atMs: number): Account {
  if (!random.chance(ring.lentShare)) return opened(random, ring, population, atMs, false);
  const account = random.chance(0.6)
    ? unknownPerson(random, population, atMs)
    : random.pick(random.chance(0.25) ? population.sellers : population.persons);
  if (account.customer) return opened(random, ring, population, atMs, false);
  if (random.chance(0.4)) addKey(account, population.registry.key(account.taxId, atMs - 12 * DAY_MS, atMs));
  return account;
}

function opened(random: Random, ring: Ring, population: Population, atMs: number, ours: boolean): Account {
  const ageDays = Math.min(500, ring.agingDays * random.logNormal(1, 0.7));
  return population.registry.open({
    legalPerson: random.chance(0.2),
    ours,
    openedAtMs: Math.floor(atMs - ageDays * DAY_MS),
    settlementsPerDay: random.logNormal(0.8, 0.8),
    nowMs: atMs,
  });
}

/** Where a shop that never delivers, or a false bill, is paid: looks like a young seller. */
export function falseShop(
  random: Random,
  ring: Ring,
  population: Population,
  atMs: number,
  legalPerson: boolean,
): Mule {
  const ready = ring.mules.filter(
    (mule) => mule.account.legalPerson === legalPerson && mule.untilMs > atMs && mule.hitsLeft > 0,
  );
  if (ready.length > 0 && random.chance(0.85)) {
    return hit(random, random.pick(ready), atMs);
  }
  const ours = random.chance(0.1);
  const account = population.registry.open({
    legalPerson,
    ours,
    openedAtMs: Math.floor(atMs - Math.min(900, ring.agingDays * random.logNormal(1.8, 0.8)) * DAY_MS),
    settlementsPerDay: random.logNormal(3, 1),
    nowMs: atMs,
  });
  const mule: Mule = { account, hitsLeft: 3 + random.poisson(9), untilMs: atMs + random.between(3, 25) * DAY_MS };
  if (ours) asCustomer(random, population, account, atMs);
  ring.mules.push(mule);
  return mule;
}
