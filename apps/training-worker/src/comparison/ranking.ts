/** How well a model tells frauds from the rest, on payments that are weighed alike. Null without frauds or without others. */
export interface Ranking {
  averagePrecision: number;
  rocAuc: number;
  /** Share of the frauds above the threshold that at most 1 % of the others exceed. */
  recallAt1PercentFalsePositives: number;
}

const FALSE_POSITIVES = 0.01;

/**
 * Exact, ties together: average precision is the sum of precision times the gain in recall over the distinct scores
 * (as scikit-learn has it), the area under the ROC curve is by trapezia.
 * @param scores any order-preserving score, higher is riskier
 */
export function rankingOf(scores: Float64Array, frauds: Uint8Array): Ranking | null {
  const positives = frauds.reduce((sum, fraud) => sum + fraud, 0);
  const negatives = frauds.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  let [found, alarms, averagePrecision, area, recall] = [0, 0, 0, 0, 0];
  for (let i = 0; i < order.length;) {
    const [foundBefore, alarmsBefore, score] = [found, alarms, scores[order[i]!]!];
    for (; i < order.length && scores[order[i]!] === score; i++) {
      found += frauds[order[i]!]!;
      alarms += 1 - frauds[order[i]!]!;
    }
    averagePrecision += ((found - foundBefore) / positives) * (found / (found + alarms));
    area += ((alarms - alarmsBefore) * (found + foundBefore)) / 2;
    if (alarms <= FALSE_POSITIVES * negatives) recall = found / positives;
  }
  return { averagePrecision, rocAuc: area / (positives * negatives), recallAt1PercentFalsePositives: recall };
}
