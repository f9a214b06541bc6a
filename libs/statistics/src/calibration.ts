import { Z_95, measured, type Estimate, type Value } from './estimate.js';
import { notEnoughData } from './measure.js';

/** Mean square of probability minus outcome (Brier 1950), with the normal interval of a mean. */
export function brier(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Estimate {
  let sum = 0;
  let weightSquares = 0;
  let errors = 0;
  let errorSquares = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights?.[row] ?? 1;
    const error = (probabilities[row]! - labels[row]!) ** 2;
    sum += weight;
    weightSquares += weight ** 2;
    errors += weight * error;
    errorSquares += weight * error ** 2;
  }
  if (sum === 0) return notEnoughData('no rows');
  const value = errors / sum;
  const half = Z_95 * Math.sqrt((Math.max(0, errorSquares / sum - value ** 2) * weightSquares) / sum ** 2);
  return { kind: 'measured', value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

const CALIBRATION_BINS = 10;

/**
 * Expected calibration error, as the trainer measures it: mean distance of the mean probability from the share of
 * frauds, weighted by payments, over at most 10 bins of equally many *frauds*. Equal probabilities share a bin.
 * It is biased upwards on few rows, so that an interval around it would mislead: none is given.
 */
export function calibrationError(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Value {
  const rows = labels.length;
  let frauds = 0;
  for (let row = 0; row < rows; row++) frauds += labels[row]!;
  if (frauds === 0) return notEnoughData('no frauds');
  const bins = Math.min(CALIBRATION_BINS, frauds);
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  order.sort((a, b) => probabilities[a]! - probabilities[b]!);
  const gaps = new Float64Array(bins);
  let sum = 0;
  let fraudsUpTo = 0;
  for (let from = 0, to = 0; from < rows; from = to) {
    let gap = 0;
    for (; to < rows && probabilities[order[to]!] === probabilities[order[from]!]; to++) {
      const row = order[to]!;
      const weight = weights?.[row] ?? 1;
      gap += weight * (probabilities[row]! - labels[row]!);
      sum += weight;
      fraudsUpTo += labels[row]!;
    }
    const bin = Math.min(bins - 1, Math.floor((Math.max(0, fraudsUpTo - 1) * bins) / frauds));
    gaps[bin] = gaps[bin]! + gap;
  }
  return sum === 0
    ? notEnoughData('no rows of any weight')
    : measured(gaps.reduce((all, gap) => all + Math.abs(gap), 0) / sum);
}
