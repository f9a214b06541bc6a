import { brier, calibrationError } from './calibration.js';
import { countCategories } from './categories.js';
import { estimatePerformance } from './cbpe.js';
import { confusion, f1, precision, recall } from './classification.js';
import { compareCategories, compareHistograms, compareSamples, type Comparison } from './comparison.js';
import { emptyLike } from './histogram.js';
import { MEASURES, MEASURE_NAMES } from './measures.js';
import { benjaminiHochberg, bonferroni } from './multiple-testing.js';
import { averagePrecision, rank, rocAuc } from './ranking.js';
import { prepareReference, prepareSample } from './sample.js';

const ROWS = 2_000;
const rows = (of: (row: number) => number): Float32Array => Float32Array.from({ length: ROWS }, (_, row) => of(row));
const REFERENCE = prepareReference(rows((row) => row % 97));
const kinds = ({ results }: Comparison): string[] => Object.values(results).map(({ kind }) => kind);

/** No NaN in anything that was measured. */
function expectNumbers({ results, missing }: Comparison): void {
  for (const result of [...Object.values(results), missing]) {
    if (result.kind === 'measured')
      for (const figure of [result.statistic, result.effect, result.pValue]) expect(figure).not.toBeNaN();
  }
}

test('an empty window', () => {
  const window = compareSamples(REFERENCE, prepareSample(new Float32Array(0)));
  expect(new Set(kinds(window))).toEqual(new Set(['not_enough_data']));
  expect(window.results.psi).toEqual({
    kind: 'not_enough_data',
    reason: 'the window has 0 rows that are not missing of the 500 needed',
  });
  expect(window.missing).toEqual({ kind: 'not_enough_data', reason: 'the window has 0 rows of the 20 needed' });
});

test('all missing: nothing to compare but that everything is missing', () => {
  const window = compareSamples(REFERENCE, prepareSample(rows(() => NaN)));
  expect(new Set(kinds(window))).toEqual(new Set(['not_enough_data']));
  expect(window.missing).toMatchObject({ kind: 'measured', effect: 1 });
});

test('a reference that was all missing', () => {
  const reference = prepareReference(rows(() => NaN));
  const window = compareSamples(reference, prepareSample(rows((row) => row)));
  expect(new Set(kinds(window))).toEqual(new Set(['not_enough_data']));
  expect(kinds(compareHistograms(reference.histogram, emptyLike(reference.histogram)))).toEqual(kinds(window));
});

test('a constant feature that stays is no drift, one that moves is', () => {
  const reference = prepareReference(rows(() => 5));
  const same = compareSamples(reference, prepareSample(rows(() => 5)));
  const moved = compareSamples(reference, prepareSample(rows(() => 6)));
  for (const name of MEASURE_NAMES) {
    const { hasPValue } = MEASURES[name];
    expect(same.results[name]).toEqual({ kind: 'measured', statistic: 0, effect: 0, pValue: hasPValue ? 1 : null });
    const result = moved.results[name]!;
    if (result.kind !== 'measured') throw new Error(result.reason);
    expect(result.statistic).toBeGreaterThan(0.1);
    expect(result.effect).toBeGreaterThan(0.1);
  }
});

test('infinite values: no distance that would be NaN', () => {
  const infinite = rows((row) => (row % 10 === 0 ? Infinity : row % 10 === 1 ? -Infinity : row));
  for (const window of [infinite, rows((row) => (row % 7 === 0 ? Infinity : row))]) {
    const comparison = compareSamples(prepareReference(infinite), prepareSample(window));
    expectNumbers(comparison);
    expect(comparison.results.kolmogorov_smirnov!.kind).toBe('measured');
  }
});

test('one category, and none', () => {
  const one = countCategories(Array.from({ length: ROWS }, () => 'a'));
  const comparison = compareCategories(one, one);
  expect(comparison.results.chi_square).toEqual({ kind: 'measured', statistic: 0, effect: 0, pValue: 1 });
  expect(comparison.results.kolmogorov_smirnov).toBeUndefined();
  const none = countCategories([null, undefined]);
  expect(none.missing).toBe(2);
  expect(new Set(kinds(compareCategories(one, none)))).toEqual(new Set(['not_enough_data']));
});

test('one class, or no rows', () => {
  for (const labels of [[], [0, 0, 0], [1, 1, 1]]) {
    const scores = Float64Array.from(labels, (_, row) => row / 10);
    expect(rocAuc(rank(labels, scores)).kind).toBe('not_enough_data');
    expect(averagePrecision(rank(labels, scores)).kind).toBe('not_enough_data');
  }
  const nothing = confusion([], []);
  for (const metric of [precision, recall, f1]) expect(metric(nothing).kind).toBe('not_enough_data');
  expect(brier([], []).kind).toBe('not_enough_data');
  expect(calibrationError([0, 0], [0.1, 0.2]).kind).toBe('not_enough_data');
});

test('classes that scores tell apart', () => {
  const apart = rank([0, 0, 1, 1], Float64Array.of(0.1, 0.2, 0.8, 0.9));
  expect(rocAuc(apart)).toEqual({ kind: 'measured', value: 1, low: 1, high: 1 });
  expect(averagePrecision(apart)).toEqual({ kind: 'measured', value: 1, low: 1, high: 1 });
});

test('performance without labels: no rows, nothing flagged, no fraud to be expected, only fraud', () => {
  const kindsOf = (probabilities: number[], flagged: number[]): string[] => {
    const { frauds, ...metrics } = estimatePerformance(Float64Array.from(probabilities), flagged);
    expect(frauds).toBeGreaterThanOrEqual(0);
    return Object.values(metrics).map(({ kind }) => kind);
  };
  const [yes, no] = ['measured', 'not_enough_data'];
  expect(kindsOf([], [])).toEqual([no, no, no, no, no]);
  expect(kindsOf([0.1, 0.2], [0, 0])).toEqual([no, yes, yes, yes, yes]);
  expect(kindsOf([0, 0], [0, 1])).toEqual([yes, no, yes, no, no]);
  expect(kindsOf([1, 1], [1, 1])).toEqual([yes, yes, yes, no, yes]);
});

test('corrections of nothing, and of what was not tested', () => {
  expect(benjaminiHochberg([])).toEqual([]);
  expect(benjaminiHochberg([null, 0.01, null, 0.04])).toEqual([null, 0.02, null, 0.04]);
  expect(bonferroni([null, 0.01, 0.8])).toEqual([null, 0.02, 1]);
});
