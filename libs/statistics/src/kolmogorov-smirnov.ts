import type { OrderedMeasure } from './measure.js';
import { kolmogorovSurvival } from './special-functions.js';
import type { Steps } from './steps.js';

/** Up to here (rows of one side times rows of the other) the p value is exact: about a millisecond. */
const EXACT_CELLS = 250_000;

export const kolmogorovSmirnov: OrderedMeasure = {
  kind: 'ordered',
  upperBound: 1,
  effect: 'the statistic: greatest difference of the two distribution functions',
  hasPValue: true,
  minimumRows: 10,
  blindTo: 'changes in the tails, where both distribution functions are near 0 or 1; on histograms, changes in a bin',
  source: 'Smirnov 1939; exact distribution with ties: Schröer & Trenkler 1995; large samples: Vrbik 2018',
  ofSteps(steps) {
    const { reference, current } = steps;
    const n = reference.at(-1)!;
    const m = current.at(-1)!;
    // In whole numbers, so that equality in the exact distribution is equality.
    let gap = 0;
    for (let step = 0; step < reference.length; step++) {
      const here = Math.abs(reference[step]! * m - current[step]! * n);
      if (here > gap) gap = here;
    }
    const statistic = gap / (n * m);
    const pValue = n * m <= EXACT_CELLS ? exactPValue(steps, gap) : asymptoticPValue(statistic, (n * m) / (n + m));
    return { statistic, effect: statistic, pValue };
  },
};

/**
 * The share of orders of the pooled rows whose gap is at least this, by recursion over the lattice of their paths. With
 * ties the distribution functions are compared only where a value ends, as the statistic does.
 */
function exactPValue({ reference, current }: Steps, gap: number): number {
  if (gap === 0) return 1;
  const n = reference.at(-1)!;
  const m = current.at(-1)!;
  const ends = new Uint8Array(n + m + 1);
  for (let step = 0; step < reference.length; step++) ends[reference[step]! + current[step]!] = 1;
  // outside[j]: share of the paths to (i, j) that have left the band.
  const outside = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      const left = ends[i + j] === 1 && Math.abs(i * m - j * n) >= gap;
      if (left) outside[j] = 1;
      else if (i + j > 0) outside[j] = (outside[j]! * i + (j > 0 ? outside[j - 1]! * j : 0)) / (i + j);
    }
  }
  return Math.min(1, outside[m]!);
}

/** Kolmogorov's limit with Vrbik's correction for a finite number of rows, for which the harmonic one is taken. */
function asymptoticPValue(statistic: number, rows: number): number {
  const z = statistic * Math.sqrt(rows);
  return z === 0
    ? 1
    : Math.min(1, Math.max(0, kolmogorovSurvival(z + 1 / (6 * Math.sqrt(rows)) + (z - 1) / (4 * rows))));
}
