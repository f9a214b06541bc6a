import { Registry, type Account } from './account.js';
import { DAY_MS } from './calendar.js';
import { newCustomer, type Customer } from './customer.js';
import { cumulative, weighted, type Random } from './random.js';

/** Everyone who may pay or be paid. Slots keep their popularity while their occupants come and go. */
export interface Population {
  registry: Registry;
  customers: Customer[];
  /** Running sums of how often each customer pays, and is paid from outside. */
  activity: Float64Array;
  arrivals: Float64Array;
  /** People of the country, our customers among them. */
  persons: Account[];
  /** People who sell: many payers each. */
  sellers: Account[];
  shops: Account[];
  shopPopularity: Float64Array;
}

const OUR_SHARE = 0.12;

export function newPopulation(random: Random, payers: number, nowMs: number): Population {
  const registry = new Registry(random);
  const persons: Account[] = [];
  const customers: Customer[] = [];
  for (let i = 0; i < payers; i++) {
    const legalPerson = random.chance(0.1);
    const account = registry.open({
      legalPerson,
      ours: true,
      openedAtMs: openedBefore(random, nowMs, 1_100),
      settlementsPerDay: legalPerson ? random.logNormal(5, 1.2) : random.logNormal(0.6, 0.9),
      nowMs,
    });
    customers.push(newCustomer(random, account, nowMs));
    if (!legalPerson) persons.push(account);
  }
  const strangers = Math.ceil((persons.length * (1 - OUR_SHARE)) / OUR_SHARE / 4);
  for (let i = 0; i < strangers; i++) persons.push(newPerson(registry, random, nowMs, 1_500));
  shuffle(random, persons);
  const sellers = Array.from({ length: Math.max(30, Math.ceil(payers / 25)) }, () =>
    newSeller(registry, random, nowMs, 700),
  );
  const shops = Array.from({ length: Math.max(60, Math.ceil(payers / 8)) }, (_, i) => {
    const own = customers[i * 8];
    if (own?.account.legalPerson) return own.account;
    return newShop(registry, random, nowMs, 1_400, 400 / (i + 10));
  });
  const population: Population = {
    registry,
    customers,
    activity: cumulative(customers.map((customer) => customer.activity)),
    arrivals: cumulative(customers.map((c) => (c.account.legalPerson ? 6 : 1) * random.logNormal(1, 0.9))),
    persons,
    sellers,
    shops,
    shopPopularity: cumulative(shops.map((_, i) => 1 / (i + 12) ** 0.85)),
  };
  for (const customer of customers) {
    settleIn(random, population, customer, nowMs);
    // A couple, or a shop and its owner, on one phone.
    if (random.chance(0.05)) customer.devices[0] = random.pick(customers).devices[0]!;
  }
  return population;
}

/** Log-normal ages with a young tail: accounts are opened every day. */
function openedBefore(random: Random, nowMs: number, medianDays: number): number {
  const days = random.chance(0.09) ? random.between(0.2, 60) : Math.min(7_000, random.logNormal(medianDays, 0.9));
  return Math.floor(nowMs - days * DAY_MS);
}

function newPerson(registry: Registry, random: Random, nowMs: number, medianDays: number): Account {
  return registry.open({
    legalPerson: false,
    ours: false,
    openedAtMs: openedBefore(random, nowMs, medianDays),
    settlementsPerDay: random.logNormal(0.6, 1),
    nowMs,
  });
}

function newSeller(registry: Registry, random: Random, nowMs: number, medianDays: number): Account {
  return registry.open({
    legalPerson: random.chance(0.3),
    ours: false,
    openedAtMs: openedBefore(random, nowMs, medianDays),
    settlementsPerDay: random.logNormal(6, 0.9),
    nowMs,
  });
}

function newShop(registry: Registry, random: Random, nowMs: number, medianDays: number, perDay: number): Account {
  return registry.open({
    legalPerson: random.chance(0.93),
    ours: false,
    openedAtMs: openedBefore(random, nowMs, medianDays),
    settlementsPerDay: perDay * random.logNormal(1, 0.8),
    nowMs,
  });
}

function settleIn(random: Random, population: Population, customer: Customer, nowMs: number): void {
  const friends = customer.account.legalPerson ? random.integer(4, 14) : random.integer(3, 10);
  for (let i = 0; i < friends; i++) customer.circle.push(random.pick(population.persons));
  const shops = random.integer(3, 9);
  for (let i = 0; i < shops; i++) customer.shops.push(anyShop(random, population));
  const bills = random.poisson(customer.account.legalPerson ? 4 : 2.2);
  for (let i = 0; i < bills; i++) {
    const person = random.chance(0.25);
    customer.bills.push({
      payee: person ? random.pick(population.persons) : anyShop(random, population),
      dayOfMonth: random.chance(0.45) ? random.pick([5, 10, 15, 20, 30]) : random.integer(1, 28),
      amountCents: Math.round(random.logNormal(person ? 85_000 : 16_000, 0.8) * customer.scale),
      fixed: person || random.chance(0.5),
    });
  }
  if (customer.sweeper || random.chance(0.45)) {
    const { taxId, name, legalPerson, openedAtMs } = customer.account;
    const account = population.registry.open({
      legalPerson,
      ours: false,
      openedAtMs: openedAtMs - Math.floor(random.between(0, 900) * DAY_MS),
      settlementsPerDay: 0.4,
      nowMs,
    });
    for (const key of account.keys) if (key.type === 'CPF' || key.type === 'CNPJ') key.value = taxId;
    customer.elsewhere = Object.assign(account, { taxId, name });
  }
}

export function anyShop(random: Random, population: Population): Account {
  return population.shops[weighted(random, population.shopPopularity)]!;
}

export function anyCustomer(random: Random, population: Population): Customer {
  return population.customers[weighted(random, population.activity)]!;
}

/** Somebody of the country's many whom none of our customers has paid before. */
export function unknownPerson(random: Random, population: Population, nowMs: number): Account {
  return random.chance(0.4)
    ? newSeller(population.registry, random, nowMs, 500)
    : newPerson(population.registry, random, nowMs, 1_300);
}

/** A new customer in the slot of one who left. */
function join(random: Random, population: Population, slot: number, nowMs: number): void {
  const left = population.customers[slot]!.account;
  left.customer = null;
  const { legalPerson } = left;
  const account = population.registry.open({
    legalPerson,
    ours: true,
    openedAtMs: Math.floor(nowMs - random.exponential(1.5) * DAY_MS),
    settlementsPerDay: random.logNormal(legalPerson ? 5 : 0.6, 1),
    nowMs,
  });
  const customer = newCustomer(random, account, nowMs);
  population.customers[slot] = customer;
  if (!legalPerson) population.persons[random.below(population.persons.length)] = account;
  settleIn(random, population, customer, nowMs);
}

/** One day of change: shops close and open, some with success at once; people come, sellers more often. */
export function renew(random: Random, population: Population, nowMs: number): void {
  const { registry, shops, sellers, persons, customers } = population;
  for (let i = random.poisson(customers.length * 0.0016); i > 0; i--)
    join(random, population, random.below(customers.length), nowMs);
  for (let i = random.poisson(shops.length * 0.004); i > 0; i--) {
    const slot = random.below(shops.length);
    if (slot > 20 || random.chance(0.1)) shops[slot] = newShop(registry, random, nowMs, 25, 300 / (slot + 20));
  }
  for (let i = random.poisson(sellers.length * 0.012); i > 0; i--)
    sellers[random.below(sellers.length)] = newSeller(registry, random, nowMs, 40);
  for (let i = random.poisson(persons.length * 0.0015); i > 0; i--) {
    const slot = random.below(persons.length);
    if (!persons[slot]!.customer) persons[slot] = newPerson(registry, random, nowMs, 30);
  }
}

function shuffle<T>(random: Random, items: T[]): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
