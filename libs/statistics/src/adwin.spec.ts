import { Adwin } from './adwin.js';
import { uniform } from './peers.fixture.js';

/** The changes that a detector tells of, by row. */
const found = (detector: Adwin, stream: number[]): number[] =>
  stream.flatMap((value, row) => (detector.add(value) ? [row] : []));

test('few false alarms: none on 60 quiet streams of 2,000 outcomes', () => {
  const next = uniform(3);
  const outcomes = (): number[] => Array.from({ length: 2_000 }, () => Number(next() < 0.02));
  for (let stream = 0; stream < 60; stream++) expect(found(new Adwin(0.002, 32), outcomes())).toEqual([]);
});

test('finds a rise of fraud soon after it began, and says what it was and is', () => {
  const next = uniform(4);
  const detector = new Adwin(0.002, 32);
  const changes = Array.from({ length: 40_000 }, (_, row) =>
    detector.add(Number(next() < (row < 30_000 ? 0.002 : 0.02))),
  );
  const first = changes.findIndex((change) => change !== null);
  expect(first).toBeGreaterThanOrEqual(30_000);
  expect(first).toBeLessThan(32_000);
  expect(changes[first]!.before).toBeLessThan(changes[first]!.after);
  expect(detector.mean).toBeCloseTo(0.02, 2);
});

test('NaN is left out', () => {
  const detector = new Adwin();
  expect([0.5, NaN, 0.5].map((value) => detector.add(value))).toEqual([null, null, null]);
  expect(detector.size).toBe(2);
});

test('memory grows with the logarithm of the window', () => {
  const detector = new Adwin(0.002, 1_000);
  const buckets = (): number => detector['rows'].reduce((sum, row) => sum + row.length, 0);
  const next = uniform(6);
  for (let row = 0; row < 100_000; row++) detector.add(next());
  expect(detector.size).toBe(100_000);
  expect(buckets()).toBeLessThanOrEqual(5 * Math.ceil(Math.log2(100_000)));
});
