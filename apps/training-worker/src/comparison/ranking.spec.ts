import { rankingOf } from './ranking.js';

/** Over all pairs and all thresholds, as the definitions say. */
function bySlowDefinition(scores: number[], frauds: number[]) {
  const positives = frauds.filter(Boolean).length;
  const negatives = frauds.length - positives;
  let wins = 0;
  for (const [i, score] of scores.entries()) {
    for (const [j, other] of scores.entries()) {
      if (frauds[i] === 1 && frauds[j] === 0) wins += score > other ? 1 : score === other ? 0.5 : 0;
    }
  }
  let [averagePrecision, recallBefore, recallAt1PercentFalsePositives] = [0, 0, 0];
  for (const threshold of [...new Set(scores)].sort((a, b) => b - a)) {
    const above = scores.flatMap((score, i) => (score >= threshold ? [frauds[i]!] : []));
    const found = above.filter(Boolean).length;
    const recall = found / positives;
    averagePrecision += (recall - recallBefore) * (found / above.length);
    recallBefore = recall;
    if ((above.length - found) / negatives <= 0.01) recallAt1PercentFalsePositives = recall;
  }
  return { averagePrecision, rocAuc: wins / (positives * negatives), recallAt1PercentFalsePositives };
}

test.each([1, 2, 3, 4, 5])('agrees with the definitions, ties included; world %i', (seed) => {
  let state = seed;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const frauds = Array.from({ length: 400 }, () => Number(random() < 0.1));
  // Two decimals: many ties.
  const scores = frauds.map((fraud) => Math.round(100 * (0.6 * random() + 0.3 * fraud)) / 100);
  const ranking = rankingOf(Float64Array.from(scores), Uint8Array.from(frauds))!;
  const expected = bySlowDefinition(scores, frauds);
  expect(ranking.averagePrecision).toBeCloseTo(expected.averagePrecision, 12);
  expect(ranking.rocAuc).toBeCloseTo(expected.rocAuc, 12);
  expect(ranking.recallAt1PercentFalsePositives).toBe(expected.recallAt1PercentFalsePositives);
});

test('says nothing without frauds, or without others', () => {
  expect(rankingOf(Float64Array.of(0.1, 0.2), Uint8Array.of(0, 0))).toBeNull();
  expect(rankingOf(Float64Array.of(0.1, 0.2), Uint8Array.of(1, 1))).toBeNull();
  expect(rankingOf(Float64Array.of(), Uint8Array.of())).toBeNull();
});
