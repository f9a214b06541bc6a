import fc from 'fast-check';
import { cumulative, Random, weighted } from './random.js';

test('streams of one seed differ, and equal seeds agree', () => {
  const take = (random: Random) => Array.from({ length: 8 }, () => random.uint32());
  expect(take(new Random(7))).toEqual(take(new Random(7)));
  expect(take(new Random(7))).not.toEqual(take(new Random(7, 1)));
  expect(take(new Random(7))).not.toEqual(take(new Random(7 + 2 ** 32)));
});

test('integers stay within both ends and reach them', () => {
  const random = new Random(1);
  const seen = new Set(Array.from({ length: 500 }, () => random.integer(3, 6)));
  expect([...seen].sort()).toEqual([3, 4, 5, 6]);
});

test('normal, exponential and Poisson draws have their moments', () => {
  const random = new Random(2);
  const mean = (draw: () => number) => {
    let sum = 0;
    for (let i = 0; i < 40_000; i++) sum += draw();
    return sum / 40_000;
  };
  expect(Math.abs(mean(() => random.normal()))).toBeLessThan(0.03);
  expect(Math.abs(mean(() => random.normal() ** 2) - 1)).toBeLessThan(0.05);
  expect(Math.abs(mean(() => random.exponential(5)) - 5)).toBeLessThan(0.15);
  expect(Math.abs(mean(() => random.poisson(0.7)) - 0.7)).toBeLessThan(0.03);
  expect(Math.abs(mean(() => random.poisson(50)) - 50)).toBeLessThan(0.3);
});

test('a weighted draw never gives an index without weight', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 20 }),
      fc.nat(),
      (weights, seed) => {
        fc.pre(weights.some((weight) => weight > 0));
        const random = new Random(seed);
        const sums = cumulative(weights);
        for (let i = 0; i < 50; i++) expect(weights[weighted(random, sums)]).toBeGreaterThan(0);
      },
    ),
    { numRuns: 60 },
  );
});
