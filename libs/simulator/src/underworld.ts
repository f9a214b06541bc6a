import { DAY_MS, type Day } from './calendar.js';
import { passOn } from './mule-chain.js';
import type { Plan } from './plan.js';
import type { Population } from './population.js';
import { cumulative, weighted, type Random } from './random.js';
import { newRing, type Ring } from './ring.js';
import type { Crime, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

const ALL = Object.values(SCENARIOS);

/** The amount of a plan as far as it can be known before: the balance may still change. */
function expectedCents(plan: Plan): number {
  if (plan.balanceShare === undefined) return plan.amountCents;
  return Math.min(plan.atMostCents ?? Infinity, plan.customer!.balanceCents * plan.balanceShare);
}

/** The gangs, and how much fraud is still owed to the asked share. */
export class Underworld {
  private readonly rings: Ring[] = [];
  private ringCount = 0;
  /** Frauds planned less frauds owed so far. */
  private ahead = 0;

  constructor(
    private readonly random: Random,
    private readonly population: Population,
    private readonly startMs: number,
    private readonly fraudShare: number,
  ) {}

  /** The crimes that begin on `day`, for that many payments of all kinds. */
  plans(day: Day, payments: number): Plan[] {
    const months = Math.max(0, day.startMs - this.startMs) / (30 * DAY_MS);
    this.ahead -= payments * this.fraudShare;
    this.renewRings(day, payments, months);
    const sums = cumulative(ALL.map((scenario) => scenario.weight(months)));
    const plans: Plan[] = [];
    while (this.ahead < 0) {
      const scenario = ALL[weighted(this.random, sums)]!;
      const incident = this.incident(scenario, day, months);
      this.ahead += incident.filter((plan) => plan.truth.fraud).length;
      plans.push(...incident);
    }
    return plans;
  }

  private incident(scenario: Scenario, day: Day, months: number): Plan[] {
    const { random, population } = this;
    const able = this.rings.filter((ring) => ring.trades.has(scenario.name));
    const ring = random.pick(able.length > 0 ? able : this.rings);
    const crime: Crime = { random, population, ring, day, months };
    const plans = scenario.incident(crime);
    // Money that lands on an account of ours does not stay there.
    for (const plan of [...plans])
      if (plan.truth.fraud && plan.customer && plan.payee.customer && scenario.name !== 'mule_chain')
        plans.push(...passOn(crime, plan.payee.customer, plan.atMs, expectedCents(plan)));
    return plans;
  }

  private renewRings(day: Day, payments: number, months: number): void {
    const wanted = Math.max(3, Math.ceil((payments * this.fraudShare) / 5));
    for (let i = this.rings.length - 1; i >= 0; i--) if (this.rings[i]!.untilMs < day.startMs) this.rings.splice(i, 1);
    while (this.rings.length < wanted) this.rings.push(newRing(this.random, ++this.ringCount, day.startMs, months));
  }
}
