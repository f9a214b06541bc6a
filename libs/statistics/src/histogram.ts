/** Twentieths, and the ends where fraud and faults show: the levels of a bundle's `reference.json`. */
export const LEVELS: readonly number[] = [
  0.001,
  0.01,
  ...Array.from({ length: 19 }, (_, index) => (index + 1) / 20),
  0.99,
  0.999,
];

/**
 * Counts of values in (edges[i-1], edges[i]], ends open, so one count more than edges; the form of `reference.json`.
 * Two with the same edges merge without loss, whatever the windows, segments or machines they were counted on.
 */
export interface Histogram {
  /** Ascending, without repeats. */
  edges: readonly number[];
  counts: number[];
  missing: number;
}

/** A histogram of nothing with the edges of another. */
export function emptyLike({ edges }: Histogram): Histogram {
  return { edges, counts: Array.from({ length: edges.length + 1 }, () => 0), missing: 0 };
}

/** Counts more values into a histogram, in one pass and without memory of its own; NaN counts as missing. */
export function countInto(histogram: Histogram, values: Float32Array | Float64Array): void {
  const { counts } = histogram;
  const edges = Float64Array.from(histogram.edges);
  const bins = edges.length;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value !== value) {
      histogram.missing++;
      continue;
    }
    let low = 0;
    let high = bins;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (edges[middle]! < value) low = middle + 1;
      else high = middle;
    }
    counts[low]!++;
  }
}

/**
 * The histogram of the union.
 * @throws {RangeError} when the edges differ: those were not counted for one reference
 */
export function mergeHistograms(one: Histogram, other: Histogram): Histogram {
  requireSameEdges(one, other);
  return {
    edges: one.edges,
    counts: one.counts.map((count, bin) => count + other.counts[bin]!),
    missing: one.missing + other.missing,
  };
}

/** @throws {RangeError} when the edges differ */
export function requireSameEdges(one: Histogram, other: Histogram): void {
  const same = one.edges.length === other.edges.length && one.edges.every((edge, at) => edge === other.edges[at]);
  if (!same) throw new RangeError('histograms with different edges are not comparable: count both into the same ones');
}

export const presentIn = ({ counts }: Histogram): number => counts.reduce((sum, count) => sum + count, 0);
