import type { OrderedMeasure } from './measure.js';
import { cramerVonMisesSurvival } from './special-functions.js';

export const cramerVonMises: OrderedMeasure = {
  kind: 'ordered',
  upperBound: Infinity,
  effect: 'mean square of the difference of the two distribution functions over the pooled rows, at most 1/3',
  hasPValue: true,
  minimumRows: 20,
  blindTo: 'changes in the tails; on histograms, changes in a bin; with many ties its p value is too large',
  source: 'Anderson 1962, eq. 2; moments eq. 14; limit: Anderson & Darling 1952',
  ofSteps({ reference, current }) {
    const n = reference.at(-1)!;
    const m = current.at(-1)!;
    let sum = 0;
    let before = 0;
    for (let step = 0; step < reference.length; step++) {
      const rows = reference[step]! + current[step]!;
      sum += (rows - before) * (reference[step]! / n - current[step]! / m) ** 2;
      before = rows;
    }
    const all = n + m;
    const statistic = (sum * n * m) / all ** 2;
    return { statistic, effect: sum / all, pValue: pValueOf(statistic, n, m) };
  },
};

function pValueOf(statistic: number, n: number, m: number): number {
  const all = n + m;
  const mean = (1 + 1 / all) / 6;
  const product = n * m;
  const variance = ((all + 1) * (4 * product * all - 3 * (n * n + m * m) - 2 * product)) / (180 * all * all * product);
  // One row on each side: the statistic has one value.
  if (variance === 0) return 1;
  return cramerVonMisesSurvival(1 / 6 + (statistic - mean) / Math.sqrt(45 * variance));
}
