import { ScoreSample } from './score-sample.js';
import { LATENCY_EDGES, SCORE_EDGES, quantile } from './score-bins.js';

test('all scores are kept up to the most, then every second one, fourth ...', () => {
  const sample = new ScoreSample(2_048);
  for (let i = 0; i < 2_048; i++) sample.add(i, i % 3 === 0);
  expect(sample.values().probabilities).toHaveLength(2_048);
  expect(sample.weight).toBe(1);
  for (let i = 2_048; i < 5_000; i++) sample.add(i, i % 3 === 0);
  const { probabilities, flagged } = sample.values();
  expect([...probabilities.subarray(0, 3), probabilities.at(-1)]).toEqual([0, 4, 8, 4_996]);
  expect(probabilities).toHaveLength(1_250);
  expect(sample.weight).toBe(4);
  expect([...flagged].every((flag, row) => flag === Number((4 * row) % 3 === 0))).toBe(true);
});

test('an empty sample is one of nothing', () => {
  const sample = new ScoreSample();
  expect([sample.weight, sample.values().probabilities.length]).toEqual([1, 0]);
});

test('bins ascend, and a quantile is the upper end of its bin', () => {
  for (const edges of [SCORE_EDGES, LATENCY_EDGES]) {
    expect(edges.every((edge, index) => index === 0 || edge > edges[index - 1]!)).toBe(true);
  }
  expect(quantile([1, 2, 3], [0, 99, 1, 0], 0.99)).toBe(2);
  expect(quantile([1, 2, 3], [0, 98, 1, 1], 0.999)).toBe(3);
  expect(quantile([1, 2, 3], [0, 0, 0, 0], 0.5)).toBeNull();
});
