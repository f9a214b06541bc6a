import type { Aggregation } from './feature-set.js';
import type { Window } from './plan.js';

/** Where the numbers of one entity's window lie in the answer of the online store. */
export interface WindowSlots {
  at: number;
  previous: number;
  count: number;
  sum: number;
  oldest: number;
  squaresHigh: number;
  squaresLow: number;
  maximum: number;
  minimum: number;
  distinct: number;
  labelled: number;
}

const TWO_TO_40 = 1n << 40n;

/**
 * Sample standard deviation in reais from exact integers: sqrt((n Σa² - (Σa)²) / (n (n - 1))) / 100.
 * The numerator is taken in integers, so equal amounts give 0 and nothing cancels. NaN below two events.
 */
export function standardDeviation(count: number, sum: number, squaresHigh: number, squaresLow: number): number {
  if (!(count > 1)) return NaN;
  const squares = BigInt(squaresHigh) * TWO_TO_40 + BigInt(squaresLow);
  const numerator = BigInt(count) * squares - BigInt(sum) * BigInt(sum);
  return Math.sqrt(Number(numerator) / (count * (count - 1))) / 100;
}

/** Turns what the store keeps into what a feature means. `values` is the store's answer; an absent entity is NaN. */
export const AGGREGATIONS: Record<
  Aggregation,
  (slots: WindowSlots, window: Window) => (values: Float64Array) => number
> = {
  count: (s) => (v) => v[s.count]!,
  sum: (s) => (v) => v[s.sum]! / 100,
  mean: (s) => (v) => (v[s.count]! > 0 ? v[s.sum]! / v[s.count]! / 100 : NaN),
  standard_deviation: (s) => (v) => standardDeviation(v[s.count]!, v[s.sum]!, v[s.squaresHigh]!, v[s.squaresLow]!),
  maximum: (s) => (v) => (v[s.count]! > 0 ? v[s.maximum]! / 100 : NaN),
  minimum: (s) => (v) => (v[s.count]! > 0 ? v[s.minimum]! / 100 : NaN),
  distinct_counterparties: (s) => (v) => v[s.distinct]!,
  labelled_count: (s) => (v) => v[s.labelled]!,
  labelled_share: (s) => (v) => (v[s.count] === 0 ? 0 : v[s.labelled]! / v[s.count]!),
  time_since_last:
    (s, { lengthMs }) =>
    (v) =>
      v[s.previous]! > v[s.at]! - lengthMs ? (v[s.at]! - v[s.previous]!) / 1000 : NaN,
  age_of_first: (s) => (v) => (v[s.count]! > 0 ? (v[s.at]! - v[s.oldest]!) / 1000 : NaN),
};
