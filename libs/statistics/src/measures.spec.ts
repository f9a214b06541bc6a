import fc from 'fast-check';
import { countCategories } from './categories.js';
import { compareCategories, compareHistograms, compareSamples } from './comparison.js';
import { countInto, emptyLike, mergeHistograms } from './histogram.js';
import { total, type Figures } from './measure.js';
import { MEASURES, MEASURE_NAMES } from './measures.js';
import { uniform } from './peers.fixture.js';
import { prepareReference, prepareSample } from './sample.js';
import { stepsOfHistograms, stepsOfSamples } from './steps.js';

/** Few distinct values among many, so that ties are frequent; no sizes that the limits of the tests need. */
const values = fc.array(
  fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -1e9, max: 1e9 }).map((thousandths) => thousandths / 1000),
  ),
  {
    minLength: 1,
    maxLength: 60,
  },
);
const sample = values.map((each) => Float64Array.from(each));
const counts = fc
  .array(fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 50 })), { minLength: 1, maxLength: 12 })
  .map((pairs) => [pairs.map(([a]) => a), pairs.map(([, b]) => b)] as const)
  .filter(([a, b]) => total(a) > 0 && total(b) > 0);

/** Draws two sides, gives what a measure says of them, of them swapped, and of each with itself. */
const compared = (name: (typeof MEASURE_NAMES)[number]): fc.Arbitrary<Record<'there' | 'back' | 'self', Figures>> => {
  const measure = MEASURES[name];
  if (measure.kind === 'counts')
    return counts.map(([a, b]) => ({
      there: measure.ofCounts(a, b),
      back: measure.ofCounts(b, a),
      self: measure.ofCounts(a, a),
    }));
  const of = (a: Float64Array, b: Float64Array): Figures =>
    measure.ofSteps(stepsOfSamples(prepareSample(a), prepareSample(b)));
  const binned = (a: Float64Array, b: Float64Array, edges: Float64Array): Figures => {
    const { histogram } = prepareReference(edges);
    const [one, other] = [emptyLike(histogram), emptyLike(histogram)];
    countInto(one, a);
    countInto(other, b);
    return measure.ofSteps(stepsOfHistograms(one, other));
  };
  return fc
    .tuple(sample, sample, fc.boolean())
    .map(([a, b, bins]) =>
      bins
        ? { there: binned(a, b, a), back: binned(b, a, a), self: binned(a, a, b) }
        : { there: of(a, b), back: of(b, a), self: of(a, a) },
    );
};

describe.each(MEASURE_NAMES)('%s', (name) => {
  const measure = MEASURES[name];

  test('lies within its bounds, with a p value if and only if it says so', () => {
    fc.assert(
      fc.property(compared(name), ({ there }) => {
        expect(there.statistic).toBeGreaterThanOrEqual(0);
        expect(there.statistic).toBeLessThanOrEqual(measure.upperBound);
        expect(there.effect).toBeGreaterThanOrEqual(0);
        expect(there.pValue !== null).toBe(measure.hasPValue);
        if (there.pValue !== null) {
          expect(there.pValue).toBeGreaterThanOrEqual(0);
          expect(there.pValue).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('is the same from either side', () => {
    fc.assert(
      fc.property(compared(name), ({ there, back }) => {
        expect(back.statistic).toBeCloseTo(there.statistic, 8);
        if (there.pValue !== null) expect(back.pValue).toBeCloseTo(there.pValue, 8);
      }),
    );
  });

  test('is 0 for a side with itself, and its p value 1', () => {
    fc.assert(
      fc.property(compared(name), ({ self }) => {
        expect(self.statistic).toBe(0);
        expect(self.effect).toBe(0);
        if (self.pValue !== null) expect(self.pValue).toBe(1);
      }),
    );
  });

  test('tells what it is', () => {
    expect(measure.minimumRows).toBeGreaterThan(0);
    for (const text of [measure.blindTo, measure.source, measure.effect]) expect(text.length).toBeGreaterThan(5);
  });

  test('grows with the shift', () => {
    const next = uniform(11);
    const rows = Float64Array.from({ length: 2_000 }, next);
    const reference = prepareReference(rows);
    const shifted = [0, 0.1, 0.3, 0.6].map((by) => prepareSample(rows.map((value) => value + by)));
    const effects = shifted.map((window) => {
      const result = compareSamples(reference, window).results[name]!;
      return result.kind === 'measured' ? result.effect! : NaN;
    });
    for (let at = 1; at < effects.length; at++) expect(effects[at]).toBeGreaterThan(effects[at - 1]!);
  });
});

test('the order of the rows says nothing', () => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const there = compareSamples(prepareReference(a), prepareSample(b));
      const turned = compareSamples(prepareReference(a.slice().reverse()), prepareSample(b.slice().reverse()));
      expect(turned).toEqual(there);
    }),
  );
});

test('histograms: counting in parts and merging is counting the union; missing values included', () => {
  const holey = fc.array(fc.oneof(fc.constant(NaN), fc.integer({ min: -9, max: 9 }), fc.double()), { maxLength: 40 });
  fc.assert(
    fc.property(sample, holey, holey, (edges, a, b) => {
      const { histogram } = prepareReference(edges);
      const [one, other, union] = [emptyLike(histogram), emptyLike(histogram), emptyLike(histogram)];
      countInto(one, Float64Array.from(a));
      countInto(other, Float64Array.from(b));
      countInto(union, Float64Array.from([...a, ...b]));
      expect(mergeHistograms(one, other)).toEqual(union);
      expect(total(union.counts) + union.missing).toBe(a.length + b.length);
    }),
  );
});

test('histograms and samples agree where every value is an edge', () => {
  const next = uniform(5);
  const draw = (rows: number, to: number): Float32Array =>
    Float32Array.from({ length: rows }, () => Math.floor(next() * to));
  const reference = prepareReference(draw(3_000, 8));
  const window = draw(2_000, 7);
  const counted = emptyLike(reference.histogram);
  countInto(counted, window);
  const ofHistograms = compareHistograms(reference.histogram, counted).results;
  const ofSamples = compareSamples(reference, prepareSample(window)).results;
  for (const name of MEASURE_NAMES) expect(ofHistograms[name]).toEqual(ofSamples[name]);
});

test('on histograms Kolmogorov-Smirnov never says more than on the rows', () => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const reference = prepareReference(a);
      const counted = emptyLike(reference.histogram);
      countInto(counted, b);
      const { ofSteps } = MEASURES.kolmogorov_smirnov;
      const onRows = ofSteps(stepsOfSamples(reference, prepareSample(b))).statistic;
      expect(ofSteps(stepsOfHistograms(reference.histogram, counted)).statistic).toBeLessThanOrEqual(onRows);
    }),
  );
});

test('histograms of different references are refused', () => {
  const [one, other] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 2.5, 3, 4)].map(
    (rows) => prepareReference(rows).histogram,
  );
  expect(() => compareHistograms(one!, other!)).toThrow(RangeError);
  expect(() => mergeHistograms(one!, other!)).toThrow(RangeError);
});

describe('where nothing changed, p values are about uniform', () => {
  const ROUNDS = 600;
  const names = MEASURE_NAMES.filter((name) => MEASURES[name].hasPValue);
  const next = uniform(2026);
  const drawn = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  beforeAll(() => {
    for (let round = 0; round < ROUNDS; round++) {
      const draw = (rows: number): Float64Array => Float64Array.from({ length: rows }, () => next() + next());
      const { results } = compareSamples(prepareReference(draw(610)), prepareSample(draw(530)), names);
      for (const name of names) {
        const result = results[name]!;
        if (result.kind === 'measured') drawn[name]!.push(result.pValue!);
      }
    }
  });

  test.each(names)('%s', (name) => {
    const sorted = drawn[name]!.sort((a, b) => a - b);
    expect(sorted).toHaveLength(ROUNDS);
    // Greatest distance to the uniform distribution: 1.63 / sqrt(600) is passed once in a hundred seeds.
    const gaps = sorted.map((p, index) => Math.max(Math.abs(p - index / ROUNDS), Math.abs(p - (index + 1) / ROUNDS)));
    expect(Math.max(...gaps)).toBeLessThan(1.63 / Math.sqrt(ROUNDS));
  });

  test('chi-square of categories, some of them rare', () => {
    const shares = [0.5, 0.3, 0.15, 0.03, 0.01, 0.005, 0.005];
    const pick = (): string => {
      let left = next();
      return `c${shares.findIndex((share) => (left -= share) < 0)}`;
    };
    const few = Array.from({ length: ROUNDS }, () => {
      const [a, b] = [400, 700].map((rows) => countCategories(Array.from({ length: rows }, pick)));
      const result = compareCategories(a!, b!, ['chi_square']).results.chi_square!;
      return result.kind === 'measured' && result.pValue! < 0.1;
    }).filter(Boolean).length;
    expect(few / ROUNDS).toBeGreaterThan(0.06);
    expect(few / ROUNDS).toBeLessThan(0.14);
  });
});
