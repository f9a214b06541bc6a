import { total, type CountsMeasure } from './measure.js';
import { chiSquareSurvival } from './special-functions.js';

/** Cochran's rule: below this expected count the limit does not hold. */
const LEAST_EXPECTED = 5;

export const chiSquare: CountsMeasure = {
  kind: 'counts',
  upperBound: Infinity,
  effect: "Cramér's V, 0 to 1",
  hasPValue: true,
  minimumRows: 20,
  blindTo: 'what moves in a bin or between categories that are pooled for being rare; the order of the bins',
  source: 'Pearson 1900, as the test of homogeneity of two samples; least expected count: Cochran 1954',
  /** Categories whose expected count on either side is below 5 are pooled. */
  ofCounts(reference, current) {
    const n = total(reference);
    const m = total(current);
    const smaller = Math.min(n, m) / (n + m);
    let statistic = 0;
    let kept = 0;
    const rare: [number, number] = [0, 0];
    const add = (a: number, b: number): void => {
      // Σ (observed - expected)² / expected of the column's two cells.
      statistic += (a * m - b * n) ** 2 / (n * m * (a + b));
      kept++;
    };
    for (let bin = 0; bin < reference.length; bin++) {
      const a = reference[bin]!;
      const b = current[bin]!;
      if ((a + b) * smaller >= LEAST_EXPECTED) add(a, b);
      else {
        rare[0] += a;
        rare[1] += b;
      }
    }
    if (rare[0] + rare[1] > 0) add(...rare);
    const effect = Math.min(1, Math.sqrt(statistic / (n + m)));
    return { statistic, effect, pValue: chiSquareSurvival(statistic, Math.max(0, kept - 1)) };
  },
};
