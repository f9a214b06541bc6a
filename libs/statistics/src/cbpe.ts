import { measured, type Value } from './estimate.js';
import { notEnoughData } from './measure.js';

export interface EstimatedPerformance {
  /** Frauds to be expected among all payments. */
  frauds: number;
  precision: Value;
  recall: Value;
  f1: Value;
  rocAuc: Value;
  averagePrecision: Value;
}

/**
 * Performance before any label is there: confidence-based performance estimation, the method of NannyML. Each payment
 * counts as a fraud by its probability and as legitimate by the rest; the metrics are those of these expected counts.
 *
 * It is right as far as the probabilities are. It sees a change of what payments come in (more of the doubtful kind). It
 * is blind to concept drift: when the same payments become frauds more often, or a new fraud looks legitimate to the
 * model, the estimate stays as it was. Nor does it see a calibration that was wrong from the start, or payments unlike
 * any that calibration has seen. Labels, when they come, decide.
 *
 * @param probabilities [n] calibrated, in [0, 1]
 * @param flagged [n] 1 where the payment was flagged
 */
export function estimatePerformance(
  probabilities: Float32Array | Float64Array,
  flagged: ArrayLike<number>,
): EstimatedPerformance {
  let frauds = 0;
  let found = 0;
  let flags = 0;
  for (let row = 0; row < probabilities.length; row++) {
    frauds += probabilities[row]!;
    if (!flagged[row]) continue;
    found += probabilities[row]!;
    flags++;
  }
  const share = (part: number, whole: number, lack: string): Value =>
    whole > 0 ? measured(part / whole) : notEnoughData(lack);
  return {
    frauds,
    precision: share(found, flags, 'nothing was flagged'),
    recall: share(found, frauds, 'no frauds are to be expected'),
    f1: share(2 * found, flags + frauds, 'no frauds are to be expected and nothing was flagged'),
    ...estimateRanking(probabilities, frauds),
  };
}

/** Of the order that the probabilities themselves give; equal ones are one threshold. */
function estimateRanking(
  probabilities: Float32Array | Float64Array,
  frauds: number,
): Pick<EstimatedPerformance, 'rocAuc' | 'averagePrecision'> {
  const legitimate = probabilities.length - frauds;
  if (frauds === 0) return both('no frauds are to be expected');
  const ascending = probabilities.slice().sort();
  let area = 0;
  let averagePrecision = 0;
  let found = 0;
  for (let last = ascending.length - 1, first = last; last >= 0; last = first - 1) {
    const probability = ascending[last]!;
    first = last;
    while (first > 0 && ascending[first - 1] === probability) first--;
    const rows = last - first + 1;
    const here = rows * probability;
    // Trapezoid below the curve of frauds found over legitimate payments flagged.
    area += (rows - here) * (found + here / 2);
    found += here;
    averagePrecision += (here * found) / (ascending.length - first);
  }
  return {
    rocAuc: legitimate > 0 ? measured(area / (legitimate * frauds)) : notEnoughData('no legitimate payments'),
    averagePrecision: measured(averagePrecision / frauds),
  };
}

const both = (lack: string): Pick<EstimatedPerformance, 'rocAuc' | 'averagePrecision'> => ({
  rocAuc: notEnoughData(lack),
  averagePrecision: notEnoughData(lack),
});
