import { HANDBOOK, PIX } from '@vigia/features';
import fc from 'fast-check';
import { Tally, differences, tolerancesOf } from './compare.js';
import { dependenciesOf } from './feature-dependencies.js';

/** The next greater float32; of both zeros the least above. */
const up = (value: number): number => {
  const bits = new Int32Array(Float32Array.of(value === 0 ? 0 : value).buffer);
  bits[0]! += value < 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0]!;
};
const differ = (a: number, b: number, tolerance: 'equal' | 'one_step'): boolean =>
  differences(Float32Array.of(a), Float32Array.of(b), [tolerance]).length > 0;
const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 100), max: 2 ** 100 });

test('any value equals itself and not its neighbour; a rounded one equals its neighbour and not the next', () => {
  fc.assert(
    fc.property(anyFloat, (value) => {
      expect([differ(value, value, 'equal'), differ(value, up(value), 'equal')]).toEqual([false, true]);
      expect(differ(value, up(value), 'one_step')).toBe(false);
      expect(differ(up(value), value, 'one_step')).toBe(false);
      expect(differ(value, up(up(value)), 'one_step')).toBe(true);
    }),
  );
});

test('missing equals missing and nothing else', () => {
  for (const tolerance of ['equal', 'one_step'] as const) {
    expect(differ(NaN, NaN, tolerance)).toBe(false);
    for (const value of [0, -0, 1, -1e-45, 3e38]) {
      expect([differ(NaN, value, tolerance), differ(value, NaN, tolerance)]).toEqual([true, true]);
    }
  }
});

test('the zeros are two values, and one to a rounded feature; across zero the steps count on', () => {
  expect([differ(0, -0, 'equal'), differ(0, -0, 'one_step')]).toEqual([true, false]);
  const least = 2 ** -149;
  expect([differ(least, -0, 'one_step'), differ(least, -least, 'one_step')]).toEqual([false, true]);
});

test('vectors of another set are no comparison', () => {
  expect(() => differences(new Float32Array(2), new Float32Array(1), ['equal'])).toThrow('2 and 1 values, of 1');
});

test('a tally counts rows and each feature by itself', () => {
  const tally = new Tally(['a', 'b']);
  expect(tally.byFeature()['a']).toEqual({ compared: 0, mismatched: 0, ratio: 0 });
  for (const differing of [[], [1], [0, 1], []]) tally.add(differing);
  expect([tally.rows, tally.mismatchedRows]).toEqual([4, 2]);
  expect(tally.byFeature()).toEqual({
    a: { compared: 4, mismatched: 1, ratio: 0.25 },
    b: { compared: 4, mismatched: 2, ratio: 0.5 },
  });
});

test('what a feature is computed from counts as its own', () => {
  const of = (name: string) => dependenciesOf(PIX)[PIX.features.findIndex((feature) => feature.name === name)]!;
  const day = 86_400_000;
  expect(of('amount')).toEqual({ entities: [], reachMs: 0, usesLabels: false, isRounded: false });
  expect(of('amount_deviation')).toEqual({ entities: [0], reachMs: 30 * day, usesLabels: false, isRounded: true });
  expect(of('pass_through_1h')).toMatchObject({ entities: [2, 1], reachMs: day / 24, isRounded: false });
  expect(of('untrusted_new_payee')).toMatchObject({ entities: [3], reachMs: 90 * day });
  expect(of('payee_fraud_share_30d')).toMatchObject({ entities: [1], usesLabels: true, isRounded: false });
});

test('only means and deviations are rounded', () => {
  const rounded = HANDBOOK.features.filter((_, index) => tolerancesOf(HANDBOOK)[index] === 'one_step');
  expect(rounded.map(({ name }) => name)).toEqual(['customer_mean_1d', 'customer_mean_7d', 'customer_mean_30d']);
});
