import { requireSameEdges, type Histogram } from './histogram.js';
import type { Sample } from './sample.js';

/**
 * Both empirical distribution functions where either steps: after `values[i]`, `reference[i]` rows of the reference and
 * `current[i]` of the window are at or below. The last entry holds the numbers of rows.
 */
export interface Steps {
  values: Float64Array;
  reference: Uint32Array;
  current: Uint32Array;
}

/** The steps of two samples, of which neither is empty; time and memory grow with the distinct values. */
export function stepsOfSamples({ sorted: a }: Sample, { sorted: b }: Sample): Steps {
  const values = new Float64Array(a.length + b.length);
  const reference = new Uint32Array(values.length);
  const current = new Uint32Array(values.length);
  let i = 0;
  let j = 0;
  let step = 0;
  for (; i < a.length || j < b.length; step++) {
    const value = j >= b.length || (i < a.length && a[i]! <= b[j]!) ? a[i]! : b[j]!;
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    values[step] = value;
    reference[step] = i;
    current[step] = j;
  }
  return {
    values: values.subarray(0, step),
    reference: reference.subarray(0, step),
    current: current.subarray(0, step),
  };
}

/**
 * The steps that two histograms let see: those at their edges. A bin's rows stand at its upper edge, which is exact for
 * features of few values, whose edges are the values; those beyond the last edge stand on it.
 */
export function stepsOfHistograms(one: Histogram, other: Histogram): Steps {
  requireSameEdges(one, other);
  const values = Float64Array.from([...one.edges, one.edges.at(-1) ?? 0]);
  return { values, reference: cumulated(one.counts), current: cumulated(other.counts) };
}

function cumulated(counts: readonly number[]): Uint32Array {
  let sum = 0;
  return Uint32Array.from(counts, (count) => (sum += count));
}
