import type { FeatureSet } from '@vigia/features';
import { dependenciesOf } from './feature-dependencies.js';

/**
 * When two float32 values are the same. Bit for bit, and missing equals missing. Means, standard deviations and what is
 * computed from them may differ by one float32 step: a relative difference of 1e-9 between the doubles, which is all that
 * two right engines may have, shows in the served float32 as no difference or as one step (6e-8 to 1.2e-7).
 */
export type Tolerance = 'equal' | 'one_step';

/** In the order of the set's features. */
export function tolerancesOf(set: FeatureSet): Tolerance[] {
  return dependenciesOf(set).map(({ isRounded }) => (isRounded ? 'one_step' : 'equal'));
}

/**
 * Indexes of the features that differ.
 * @throws when the lengths differ: the vectors are of two sets
 */
export function differences(served: Float32Array, recomputed: Float32Array, tolerances: Tolerance[]): number[] {
  if (served.length !== tolerances.length || recomputed.length !== tolerances.length) {
    throw new Error(`vectors of ${served.length} and ${recomputed.length} values, of ${tolerances.length} features`);
  }
  const differing: number[] = [];
  for (let i = 0; i < tolerances.length; i++) {
    const [a, b] = [served[i]!, recomputed[i]!];
    if (Object.is(a, b)) continue;
    if (tolerances[i] === 'one_step' && steps(a, b) <= 1) continue;
    differing.push(i);
  }
  return differing;
}

const one = new Float32Array(1);
const bits = new Int32Array(one.buffer);

/** How many float32 values lie from one to the other; NaN where one is missing. */
function steps(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.abs(rank(a) - rank(b));
}

/** float32 values in their order as integers: both zeros are 0. */
function rank(value: number): number {
  one[0] = value;
  return bits[0]! < 0 ? -(bits[0]! & 0x7fffffff) : bits[0]!;
}

export interface FeatureCount {
  compared: number;
  mismatched: number;
  /** 0 where nothing was compared. */
  ratio: number;
}

/** Counts by feature what was compared and what differed. */
export class Tally {
  private compared = 0;
  private readonly mismatched: Float64Array;
  /** Rows of which some feature differed. */
  mismatchedRows = 0;

  constructor(private readonly features: readonly string[]) {
    this.mismatched = new Float64Array(features.length);
  }

  get rows(): number {
    return this.compared;
  }

  add(differing: readonly number[]): void {
    this.compared++;
    if (differing.length > 0) this.mismatchedRows++;
    for (const index of differing) this.mismatched[index]!++;
  }

  byFeature(): Record<string, FeatureCount> {
    const { compared } = this;
    return Object.fromEntries(
      this.features.map((name, index) => {
        const mismatched = this.mismatched[index]!;
        return [name, { compared, mismatched, ratio: compared > 0 ? mismatched / compared : 0 }];
      }),
    );
  }
}
