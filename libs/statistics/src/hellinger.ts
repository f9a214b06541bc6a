import { total, type CountsMeasure } from './measure.js';

export const hellinger: CountsMeasure = {
  kind: 'counts',
  upperBound: 1,
  effect: 'the statistic',
  hasPValue: false,
  // With 24 bins and nothing changed it is about sqrt(23/8 (1/n + 1/m)): 0.054 for 1,000 rows against many.
  minimumRows: 1_000,
  blindTo: 'what moves in a bin; the order of the bins',
  source: 'Hellinger 1909',
  /** From the differences of the roots, not as 1 - Σ sqrt(pq), which loses half of the digits near 0. */
  ofCounts(reference, current) {
    const n = total(reference);
    const m = total(current);
    let sum = 0;
    for (let bin = 0; bin < reference.length; bin++) {
      sum += (Math.sqrt(reference[bin]! / n) - Math.sqrt(current[bin]! / m)) ** 2;
    }
    const statistic = Math.min(1, Math.sqrt(sum / 2));
    return { statistic, effect: statistic, pValue: null };
  },
};
