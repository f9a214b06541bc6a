import { total, type CountsMeasure } from './measure.js';

export const jensenShannon: CountsMeasure = {
  kind: 'counts',
  upperBound: 1,
  effect: 'the statistic',
  hasPValue: false,
  // With 24 bins and nothing changed it is about sqrt(23 / (8 ln 2) (1/n + 1/m)): 0.065 for 1,000 rows against many.
  minimumRows: 1_000,
  blindTo: 'what moves in a bin; the order of the bins; rare categories',
  source: 'Lin 1991; the square root is a metric: Endres & Schindelin 2003',
  /** The distance: square root of the divergence in bits. */
  ofCounts(reference, current) {
    const n = total(reference);
    const m = total(current);
    let divergence = 0;
    for (let bin = 0; bin < reference.length; bin++) {
      const p = reference[bin]! / n;
      const q = current[bin]! / m;
      const middle = (p + q) / 2;
      if (p > 0) divergence += (p * Math.log2(p / middle)) / 2;
      if (q > 0) divergence += (q * Math.log2(q / middle)) / 2;
    }
    const statistic = Math.sqrt(Math.min(1, Math.max(0, divergence)));
    return { statistic, effect: statistic, pValue: null };
  },
};
