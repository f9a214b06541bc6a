import type { CompiledFeatureSet } from '@vigia/features';
import type { ObserveRequest, OnlineStore } from '@vigia/online-store';
import type { Redis } from 'ioredis';
import { InFlight } from '../in-flight.js';
import { median } from './median.js';
import { round } from './report.js';
import { serverCost, type ServerCost } from './server-cost.js';

/** Events in the windows of every entity that a payment touches. */
export const SIZES = [10, 100, 1_000, 10_000, 50_000];

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-08-01T12:00:00.000Z');
const TIMED_CALLS = 500;
const TURN_CALLS = 50;
const IN_FLIGHT = 64;

/** How the events of a window lie in time; answers the time between two, ms. */
export type Spread = (size: number) => number;

/** Over 30 days, the longest window of payer, payee and device: as each payment comes, the oldest leaves. */
export const overThirtyDays: Spread = (size) => (30 * DAY_MS) / size;

/** All within ten minutes, the shortest window: each window holds them all, none leaves. */
export const withinTenMinutes: Spread = (size) => Math.floor(600_000 / (1.1 * size));

interface Hot {
  store: OnlineStore;
  redis: Redis;
  set: CompiledFeatureSet;
  /** Part of the entities' names. */
  name: string;
}

/**
 * Cost of a call with so many events in the windows, by size. All entities of the set are as full as each other and have
 * 700 counterparties. Several fill up side by side, so that the timed calls add a tenth at most. The sizes are timed in
 * turns, 50 calls each, and the figures are medians of those: whatever else the machine does meets all of them.
 */
export async function hotWindows(hot: Hot, spread: Spread): Promise<ServerCost[]> {
  const calls: ObserveRequest[][] = [];
  for (const size of SIZES) calls.push(await fill(hot, size, spread(size)));
  const turns: ServerCost[][] = SIZES.map(() => []);
  for (let from = 0; from < TIMED_CALLS; from += TURN_CALLS) {
    for (const [i, requests] of calls.entries()) {
      const cost = await serverCost(hot.redis, async () => {
        for (const request of requests.slice(from, from + TURN_CALLS)) await hot.store.observe(request);
      });
      turns[i]!.push(cost);
    }
  }
  const middle = (costs: ServerCost[], of: keyof ServerCost): number => round(median(costs.map((cost) => cost[of])), 1);
  return turns.map((costs) => ({
    calls: TIMED_CALLS,
    functionUs: middle(costs, 'functionUs'),
    processorUs: middle(costs, 'processorUs'),
  }));
}

/** Fills entities with so many events each; answers the calls that come next. */
async function fill({ store, set, name }: Hot, size: number, gapMs: number): Promise<ObserveRequest[]> {
  const timed = Math.min(TIMED_CALLS, Math.ceil(size / 10));
  const parties = range(0, TIMED_CALLS / timed).map((index) => `${name}-${size}-${index}`);
  const filling = new InFlight(IN_FLIGHT);
  for (const i of range(0, size)) {
    for (const party of parties) await filling.add(store.observe(requestOf(set, party, i, gapMs)));
  }
  await filling.end();
  return range(size, size + timed).flatMap((i) => parties.map((party) => requestOf(set, party, i, gapMs)));
}

/** A payment of a party to itself, so that `payee_as_payer` is as hot as the payer. */
function requestOf({ plan }: CompiledFeatureSet, party: string, i: number, gapMs: number): ObserveRequest {
  const counterparty = `k1.${(i * 31) % 701}`;
  return {
    eventId: `E${party}-${i}`,
    atMs: START_MS + Math.round(i * gapMs),
    amountCents: 1 + ((i * 7_919) % 100_003),
    observe: true,
    entities: plan.entities.map(() => ({ key: party, counterparty })),
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
