import { LEVELS, type Histogram } from './histogram.js';
import { sortedPresent } from './sorted.js';

/** Values of one feature on one side of a comparison. */
export interface Sample {
  /** What is not NaN, ascending. */
  sorted: Float32Array | Float64Array;
  /** How many were NaN. */
  missing: number;
}

/** A sample that many windows are compared with: prepared once, then only read. */
export interface ReferenceSample extends Sample {
  histogram: Histogram;
}

/** Sorts a copy of the values [n]; NaN is missing and counted apart. */
export function prepareSample(values: Float32Array | Float64Array): Sample {
  const sorted = sortedPresent(values);
  return { sorted, missing: values.length - sorted.length };
}

/** Prepares the values [n] of the reference: sorted, and as the histogram whose edges the windows are counted into. */
export function prepareReference(values: Float32Array | Float64Array): ReferenceSample {
  const sample = prepareSample(values);
  return { ...sample, histogram: countSorted(quantileEdges(sample), sample) };
}

/** Edges at {@link LEVELS}: quantiles that occur as values, without repeats. None where nothing is present. */
export function quantileEdges({ sorted }: Sample): number[] {
  if (sorted.length === 0) return [];
  const edges = LEVELS.map((level) => sorted[Math.trunc(level * (sorted.length - 1))]!);
  return edges.filter((edge, index) => index === 0 || edge !== edges[index - 1]);
}

/** The sample as a histogram with these ascending edges. */
export function countSorted(edges: readonly number[], { sorted, missing }: Sample): Histogram {
  const ends = edges.map((edge) => countUpTo(sorted, edge));
  const counts = [...ends, sorted.length].map((end, bin) => end - (bin === 0 ? 0 : ends[bin - 1]!));
  return { edges, counts, missing };
}

function countUpTo(sorted: Float32Array | Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
