/** Bins of the probability of equal width in log-odds: narrow where frauds are told apart, whatever their share. */
const STEP = 0.1;
const ENDS = 12;

/** Upper ends of all bins but the last. */
export const SCORE_EDGES: readonly number[] = Array.from(
  { length: Math.round((2 * ENDS) / STEP) + 1 },
  (_, index) => 1 / (1 + Math.exp(ENDS - index * STEP)),
);

const FACTOR = 1.1;
const FIRST_US = 100;

/** Bins of latency, µs, each a tenth longer than the one before, from 0.1 ms to 60 s. */
export const LATENCY_EDGES: readonly number[] = Array.from(
  { length: Math.ceil(Math.log(60_000_000 / FIRST_US) / Math.log(FACTOR)) + 1 },
  (_, index) => FIRST_US * FACTOR ** index,
);

/** Upper end of the bin in which the quantile lies; null where nothing was counted. */
export function quantile(edges: readonly number[], counts: readonly number[], level: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  for (const [bin, count] of counts.entries()) {
    below += count;
    if (below >= level * total) return edges[Math.min(bin, edges.length - 1)]!;
  }
  return edges.at(-1)!;
}
