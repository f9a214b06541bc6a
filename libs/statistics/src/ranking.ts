import { Z_95, logitInterval, type Estimate } from './estimate.js';
import { notEnoughData, type NotEnoughData } from './measure.js';
import { prepareSample } from './sample.js';
import { stepsOfSamples, type Steps } from './steps.js';

/** Scores of both classes in one order: legitimate payments as `reference`, frauds as `current`. */
export type Ranking = { kind: 'ranked'; steps: Steps } | NotEnoughData;

/**
 * Sorts once what {@link rocAuc} and {@link averagePrecision} read.
 * @param labels [n] 1 for fraud, 0 for not
 * @param scores [n] the higher, the more suspicious; rows whose score is NaN are left out
 */
export function rank(labels: ArrayLike<number>, scores: Float32Array | Float64Array): Ranking {
  const legitimate = prepareSample(scores.filter((_, row) => !labels[row]));
  const frauds = prepareSample(scores.filter((_, row) => labels[row]));
  if (frauds.sorted.length < 2) return notEnoughData(`${frauds.sorted.length} frauds with a score, 2 needed`);
  if (legitimate.sorted.length < 2)
    return notEnoughData(`${legitimate.sorted.length} legitimate payments with a score, 2 needed`);
  return { kind: 'ranked', steps: stepsOfSamples(legitimate, frauds) };
}

/**
 * Chance that a fraud scores above a legitimate payment, ties as half; interval by DeLong, DeLong & Clarke-Pearson
 * 1988. Where the classes are apart (1 or 0) that interval has no width.
 */
export function rocAuc(ranking: Ranking): Estimate {
  if (ranking.kind !== 'ranked') return ranking;
  const { reference: legitimate, current: frauds } = ranking.steps;
  const n = legitimate.at(-1)!;
  const m = frauds.at(-1)!;
  const squares = { ofFrauds: 0, ofLegitimate: 0 };
  let auc = 0;
  let legitimateBelow = 0;
  let fraudsBelow = 0;
  for (let step = 0; step < frauds.length; step++) {
    const equalLegitimate = legitimate[step]! - legitimateBelow;
    const equalFrauds = frauds[step]! - fraudsBelow;
    // Share of the other class that a row here is placed rightly against.
    const ofFraud = (legitimateBelow + equalLegitimate / 2) / n;
    const ofLegitimate = 1 - (fraudsBelow + equalFrauds / 2) / m;
    auc += (equalFrauds * ofFraud) / m;
    squares.ofFrauds += equalFrauds * ofFraud ** 2;
    squares.ofLegitimate += equalLegitimate * ofLegitimate ** 2;
    legitimateBelow = legitimate[step]!;
    fraudsBelow = frauds[step]!;
  }
  const varianceOf = (sum: number, rows: number): number => Math.max(0, (sum - rows * auc ** 2) / (rows - 1) / rows);
  const half = Z_95 * Math.sqrt(varianceOf(squares.ofFrauds, m) + varianceOf(squares.ofLegitimate, n));
  return { kind: 'measured', value: auc, low: Math.max(0, auc - half), high: Math.min(1, auc + half) };
}

/**
 * Mean precision over the recalls, as a step function and with equal scores as one threshold (scikit-learn's
 * definition); interval on the logit scale with a standard error of 1 / sqrt(frauds AP (1 - AP)) (Boyd, Eng & Page 2013).
 */
export function averagePrecision(ranking: Ranking): Estimate {
  if (ranking.kind !== 'ranked') return ranking;
  const { reference: legitimate, current: frauds } = ranking.steps;
  const n = legitimate.at(-1)!;
  const m = frauds.at(-1)!;
  let value = 0;
  for (let step = frauds.length - 1; step >= 0; step--) {
    const fraudsBelow = step === 0 ? 0 : frauds[step - 1]!;
    const legitimateBelow = step === 0 ? 0 : legitimate[step - 1]!;
    const found = m - fraudsBelow;
    value += (((frauds[step]! - fraudsBelow) / m) * found) / (found + n - legitimateBelow);
  }
  return { kind: 'measured', value, ...logitInterval(value, 1 / Math.sqrt(m * value * (1 - value))) };
}
