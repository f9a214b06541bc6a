import { wilsonInterval, type Estimate } from './estimate.js';
import { notEnoughData } from './measure.js';

/** Rows, or their weights, by what they were (fraud or not) and whether they were flagged. */
export interface Confusion {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
  /** Effective rows per unit of weight (Kish 1965): Σw / Σw²; 1 without weights. */
  rowsPerWeight: number;
}

/**
 * @param labels [n] 1 for fraud, 0 for not
 * @param flagged [n] 1 where the payment was flagged
 * @param weights [n] at least 0
 */
export function confusion(
  labels: ArrayLike<number>,
  flagged: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Confusion {
  // Index: label + 2 * flag.
  const cells = [0, 0, 0, 0];
  let sum = 0;
  let squares = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights?.[row] ?? 1;
    const cell = (labels[row] ? 1 : 0) + (flagged[row] ? 2 : 0);
    cells[cell] = cells[cell]! + weight;
    sum += weight;
    squares += weight * weight;
  }
  const [trueNegatives, falseNegatives, falsePositives, truePositives] = cells as [number, number, number, number];
  return { truePositives, falsePositives, falseNegatives, trueNegatives, rowsPerWeight: sum > 0 ? sum / squares : 1 };
}

/** Share of frauds among the flagged, with Wilson's interval. */
export function precision({ truePositives, falsePositives, rowsPerWeight }: Confusion): Estimate {
  return proportion(truePositives, truePositives + falsePositives, rowsPerWeight, 'nothing was flagged');
}

/** Share of the frauds that were flagged, with Wilson's interval. */
export function recall({ truePositives, falseNegatives, rowsPerWeight }: Confusion): Estimate {
  return proportion(truePositives, truePositives + falseNegatives, rowsPerWeight, 'no frauds');
}

/** Share of the legitimate payments that were flagged, with Wilson's interval. */
export function falsePositiveRate({ falsePositives, trueNegatives, rowsPerWeight }: Confusion): Estimate {
  return proportion(falsePositives, falsePositives + trueNegatives, rowsPerWeight, 'no legitimate payments');
}

/**
 * Harmonic mean of precision and recall. It rises with the share F* = TP / (TP + FP + FN) as F = 2 F* / (1 + F*)
 * (Hand, Christen & Kirielle 2021), so that its interval is Wilson's of that share.
 */
export function f1({ truePositives, falsePositives, falseNegatives, rowsPerWeight }: Confusion): Estimate {
  const either = truePositives + falsePositives + falseNegatives;
  const share = proportion(truePositives, either, rowsPerWeight, 'no frauds and nothing was flagged');
  if (share.kind !== 'measured') return share;
  const f1Of = (star: number): number => (2 * star) / (1 + star);
  return { kind: 'measured', value: f1Of(share.value), low: f1Of(share.low), high: f1Of(share.high) };
}

function proportion(part: number, whole: number, rowsPerWeight: number, lack: string): Estimate {
  if (whole === 0) return notEnoughData(lack);
  const value = part / whole;
  return { kind: 'measured', value, ...wilsonInterval(value, whole * rowsPerWeight) };
}
