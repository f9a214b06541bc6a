import { total, type CountsMeasure } from './measure.js';

export const lInfinity: CountsMeasure = {
  kind: 'counts',
  upperBound: 1,
  effect: 'the statistic: greatest change of a share',
  hasPValue: false,
  // A share of one half has a standard error of 0.05 there.
  minimumRows: 100,
  blindTo: 'many small changes; relative changes of rare categories',
  source: 'Chebyshev distance of the shares',
  ofCounts(reference, current) {
    const n = total(reference);
    const m = total(current);
    let statistic = 0;
    for (let bin = 0; bin < reference.length; bin++) {
      statistic = Math.max(statistic, Math.abs(reference[bin]! / n - current[bin]! / m));
    }
    return { statistic, effect: statistic, pValue: null };
  },
};
