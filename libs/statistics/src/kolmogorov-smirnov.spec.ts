import fc from 'fast-check';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { prepareSample } from './sample.js';
import { stepsOfSamples } from './steps.js';

const statisticAndP = (a: number[], b: number[]): { statistic: number; pValue: number | null } =>
  kolmogorovSmirnov.ofSteps(stepsOfSamples(prepareSample(Float64Array.from(a)), prepareSample(Float64Array.from(b))));

/** All ways to choose `count` of the items. */
function choices<T>(items: T[], count: number): [T[], T[]][] {
  if (count === 0) return [[[], items]];
  return items.flatMap((item, index) =>
    choices(items.slice(index + 1), count - 1).map(([taken, left]): [T[], T[]] => [
      [item, ...taken],
      [...items.slice(0, index), ...left],
    ]),
  );
}

test('the exact p value is the share of all ways to deal out the rows, ties or not', () => {
  const few = (from: number, to: number) =>
    fc.array(fc.integer({ min: 0, max: 6 }), { minLength: from, maxLength: to });
  fc.assert(
    fc.property(few(1, 5), few(1, 5), (a, b) => {
      const { statistic, pValue } = statisticAndP(a, b);
      const ways = choices([...a, ...b], a.length);
      const asFar = ways.filter(([x, y]) => statisticAndP(x, y).statistic >= statistic - 1e-12);
      expect(pValue).toBeCloseTo(asFar.length / ways.length, 12);
    }),
    { numRuns: 60 },
  );
});

test('tiny p values keep their digits', () => {
  const apart = statisticAndP(
    Array.from({ length: 60 }, (_, index) => index),
    Array.from({ length: 60 }, (_, index) => index + 100),
  );
  expect(apart.statistic).toBe(1);
  // Two of the C(120, 60) orders.
  const orders = Array.from({ length: 60 }, (_, index) => (61 + index) / (1 + index)).reduce((all, each) => all * each);
  expect((apart.pValue! * orders) / 2).toBeCloseTo(1, 10);
});
