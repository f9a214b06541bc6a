import { total, type CountsMeasure } from './measure.js';

/** An empty bin would make the index infinite; this is the usual least share. */
export const LEAST_SHARE = 1e-4;

export const psi: CountsMeasure = {
  kind: 'counts',
  upperBound: Infinity,
  effect: 'the statistic: below 0.1 custom calls it small, above 0.25 large',
  hasPValue: false,
  // With k bins and nothing changed its mean is (k - 1)(1/n + 1/m): with 24 bins and 500 rows against many 0.05.
  minimumRows: 500,
  blindTo: 'what moves in a bin; the order of the bins; changes below a share of 0.0001',
  source: 'Lewis 1994; its mean where nothing has changed: Yurdakul & Naranjo 2020',
  /** Population stability index: the symmetric Kullback-Leibler divergence, in nats. */
  ofCounts(reference, current) {
    const n = total(reference);
    const m = total(current);
    let statistic = 0;
    for (let bin = 0; bin < reference.length; bin++) {
      const p = Math.max(reference[bin]! / n, LEAST_SHARE);
      const q = Math.max(current[bin]! / m, LEAST_SHARE);
      statistic += (q - p) * Math.log(q / p);
    }
    return { statistic, effect: statistic, pValue: null };
  },
};
