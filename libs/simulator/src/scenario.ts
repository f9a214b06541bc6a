import type { InitiationForm, Situation } from '@vigia/contracts';
import type { Account } from './account.js';
import { naturalAmount, type AmountStyle } from './amounts.js';
import type { Day } from './calendar.js';
import type { Customer } from './customer.js';
import type { MarkerKind } from './dict-record.js';
import type { Circumstances, Plan, ScenarioName } from './plan.js';
import { anyCustomer, type Population } from './population.js';
import type { Random } from './random.js';
import type { Ring } from './ring.js';

/** Everything an incident may draw on. */
export interface Crime {
  random: Random;
  population: Population;
  ring: Ring;
  day: Day;
  /** Months since the simulation began: signals fade and habits change with it. */
  months: number;
}

export interface Scenario {
  name: ScenarioName;
  /** How the victim's bank would call it in the MED. */
  situation: Situation;
  marker: MarkerKind;
  /** Share of its payments that anyone ever reports, and after how many hours (median). */
  reported: number;
  reportHours: number;
  /** Weight among incidents after so many months. */
  weight(months: number): number;
  /** The payments of one incident, at least one. */
  incident(crime: Crime): Plan[];
}

interface Theft {
  atMs: number;
  customer: Customer;
  payee: Account;
  /** Share of the balance, or an amount. */
  balanceShare?: number;
  amountCents?: number;
  style: AmountStyle;
  form: InitiationForm;
  circumstances: Circumstances | null;
}

/** A payment that a victim or a thief makes from an account of ours. */
export function theft(crime: Crime, name: ScenarioName, options: Theft): Plan {
  const { random, ring } = crime;
  const plan: Plan = {
    atMs: Math.floor(options.atMs),
    payer: options.customer.account,
    payee: options.payee,
    customer: options.customer,
    amountCents: naturalAmount(random, below(crime, options.amountCents ?? 0), options.style),
    style: options.style,
    form: options.form,
    circumstances: options.circumstances,
    trusted: random.chance(0.02),
    truth: { fraud: true, scenario: name, ring: ring.number, lookAlike: null },
  };
  if (options.balanceShare !== undefined) {
    plan.balanceShare = options.balanceShare;
    if (ring.ceilingCents !== Infinity) plan.atMostCents = below(crime, ring.ceilingCents);
  }
  return plan;
}

function below(crime: Crime, cents: number): number {
  const { random, ring } = crime;
  return cents < ring.ceilingCents ? cents : ring.ceilingCents * random.between(0.6, 0.99);
}

/** Somebody worth robbing: the best of `tries` draws, elders and full accounts first. */
export function victimOf(crime: Crime, tries: number, elderly: boolean): Customer {
  const { random, population } = crime;
  let best = anyCustomer(random, population);
  for (let i = 1; i < tries; i++) {
    const other = anyCustomer(random, population);
    if (worth(other, elderly) > worth(best, elderly)) best = other;
  }
  return best;
}

function worth(customer: Customer, elderly: boolean): number {
  return customer.balanceCents * (elderly && customer.elder ? 4 : 1);
}

/** Forms by which a mule is paid: mostly a key, at times typed account data or a static code. */
export function muleForm(random: Random): InitiationForm {
  const draw = random.unit();
  return draw < 0.76 ? 'DICT' : draw < 0.87 ? 'MANU' : draw < 0.96 ? 'QRES' : 'INIC';
}
