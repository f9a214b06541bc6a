import type { OrderedMeasure } from './measure.js';
import type { Steps } from './steps.js';

export const wasserstein: OrderedMeasure = {
  kind: 'ordered',
  upperBound: Infinity,
  effect: 'the statistic over the standard deviation of the pooled rows; null where a value is infinite',
  hasPValue: false,
  minimumRows: 100,
  blindTo: 'changes of shape that move little mass; on histograms, what moves in a bin or beyond the outermost edges',
  source: 'Vallender 1974: in one dimension the integral of the difference of the distribution functions',
  /** The statistic has the feature's unit. */
  ofSteps(steps) {
    const { values, reference, current } = steps;
    const n = reference.at(-1)!;
    const m = current.at(-1)!;
    let statistic = 0;
    for (let step = 0; step + 1 < values.length; step++) {
      const gap = Math.abs(reference[step]! / n - current[step]! / m);
      // Equal shares of infinite values are no distance.
      if (gap > 0) statistic += gap * (values[step + 1]! - values[step]!);
    }
    const deviation = pooledDeviation(steps);
    const effect = statistic === 0 ? 0 : statistic / deviation;
    return { statistic, effect: Number.isFinite(effect) ? effect : null, pValue: null };
  },
};

function pooledDeviation({ values, reference, current }: Steps): number {
  const rows = reference.at(-1)! + current.at(-1)!;
  let sum = 0;
  for (let step = 0, before = 0; step < values.length; step++) {
    const here = reference[step]! + current[step]!;
    sum += (here - before) * values[step]!;
    before = here;
  }
  const mean = sum / rows;
  let squares = 0;
  for (let step = 0, before = 0; step < values.length; step++) {
    const here = reference[step]! + current[step]!;
    squares += (here - before) * (values[step]! - mean) ** 2;
    before = here;
  }
  return Math.sqrt(squares / rows);
}
