import { Adwin } from './adwin.js';
import { brier, calibrationError } from './calibration.js';
import { estimatePerformance } from './cbpe.js';
import { confusion, f1, precision, recall } from './classification.js';
import { compareCategories, compareSamples } from './comparison.js';
import { countInto, emptyLike } from './histogram.js';
import { MEASURES, type MeasureName } from './measures.js';
import { benjaminiHochberg } from './multiple-testing.js';
import { PEERS, measuredOf } from './peers.fixture.js';
import { averagePrecision, rank, rocAuc } from './ranking.js';
import { prepareReference, prepareSample } from './sample.js';
import { chiSquareSurvival, erfc, kolmogorovSurvival } from './special-functions.js';
import { stepsOfSamples } from './steps.js';

const DIGITS = 10;

describe('SciPy: special functions', () => {
  const { erfc: errors, kolmogorov, chiSquare } = PEERS.specialFunctions;
  const near = (ours: number, theirs: number): void => {
    expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-10 * theirs + 1e-15);
  };
  test('erfc', () => errors.forEach(([x, theirs]) => near(erfc(x), theirs)));
  test('Kolmogorov', () => kolmogorov.forEach(([z, theirs]) => near(kolmogorovSurvival(z), theirs)));
  test('chi-square', () => chiSquare.forEach(([x, k, theirs]) => near(chiSquareSurvival(x, k), theirs)));
});

describe.each(PEERS.numbers)('numbers: $name', ({ reference, current, binned, deviations, scipy, evidently }) => {
  const steps = stepsOfSamples(prepareSample(Float64Array.from(reference)), prepareSample(Float64Array.from(current)));
  const ofSteps = (name: 'kolmogorov_smirnov' | 'cramer_von_mises' | 'wasserstein') => MEASURES[name].ofSteps(steps);
  const ofBins = (name: 'psi' | 'jensen_shannon' | 'hellinger') => MEASURES[name].ofCounts(...binned);

  test.each(['kolmogorov_smirnov', 'cramer_von_mises', 'wasserstein'] as const)('SciPy: %s', (name) => {
    const [statistic, pValue] = scipy[name] ?? [null, null];
    const ours = ofSteps(name);
    if (statistic !== null) expect(ours.statistic).toBeCloseTo(statistic, DIGITS);
    if (pValue === null) return;
    const exact = name === 'kolmogorov_smirnov' && reference.length * current.length <= 250_000;
    // Larger samples: SciPy has the one-sample distribution itself, we Vrbik's approximation to it.
    expect(Math.abs(ours.pValue! - pValue)).toBeLessThan(
      exact ? 1e-12 : name === 'cramer_von_mises' ? 1e-6 : 0.02 * pValue,
    );
  });

  test('Evidently: its distances, over its bins', () => {
    expect(ofBins('psi').statistic).toBeCloseTo(evidently.psi, DIGITS);
    if (evidently.hellinger !== undefined) expect(ofBins('hellinger').statistic).toBeCloseTo(evidently.hellinger, 7);
    // In nats there, in bits here.
    expect(ofBins('jensen_shannon').statistic * Math.sqrt(Math.LN2)).toBeCloseTo(evidently.jensen_shannon, DIGITS);
  });

  test('Evidently: Wasserstein over the deviation of the reference, ours over that of both', () => {
    const { statistic, effect } = ofSteps('wasserstein');
    expect(statistic / deviations[0]).toBeCloseTo(evidently.wasserstein, 8);
    expect(effect).toBeCloseTo(statistic / deviations[1], DIGITS);
  });
});

describe.each(PEERS.categories)('categories: $name', ({ counts, scipy, cramersV, evidently }) => {
  const side = (of: number[]) => ({ counts: new Map(of.map((count, index) => [`c${index}`, count])), missing: 0 });
  const { results } = compareCategories(side(counts[0]), side(counts[1]));

  test.each(Object.entries(scipy))('SciPy: %s', (name, theirs) => {
    const ours = measuredOf(results[name as MeasureName]);
    expect(ours.statistic).toBeCloseTo(theirs![0], DIGITS);
    if (theirs![1] !== null) expect(ours.pValue).toBeCloseTo(theirs![1], DIGITS);
  });

  test("SciPy: Cramér's V", () => expect(measuredOf(results.chi_square).effect).toBeCloseTo(cramersV, DIGITS));

  test('Evidently: its distances', () => {
    expect(measuredOf(results.psi).statistic).toBeCloseTo(evidently.psi, DIGITS);
    expect(measuredOf(results.hellinger).statistic).toBeCloseTo(evidently.hellinger, 7);
    expect(measuredOf(results.jensen_shannon).statistic * Math.sqrt(Math.LN2)).toBeCloseTo(
      evidently.jensen_shannon,
      DIGITS,
    );
  });
});

test.each(PEERS.histograms.map((each) => [each.values.length, each] as const))(
  'the trainer: reference.json of %i rows',
  (_, { values, histogram }) => {
    const rows = Float32Array.from(values, (value) => value ?? NaN);
    expect(prepareReference(rows).histogram).toEqual(histogram);
    const counted = emptyLike(histogram);
    countInto(counted, rows);
    expect(counted).toEqual(histogram);
  },
);

test('SciPy: Benjamini-Hochberg, and null stays null', () => {
  const { raw, benjaminiHochberg: theirs } = PEERS.pValues;
  const ours = benjaminiHochberg([null, ...raw]);
  expect(ours[0]).toBeNull();
  theirs.forEach((p, index) => expect(ours[index + 1]).toBeCloseTo(p, DIGITS));
});

describe('scikit-learn, statsmodels, the trainer: classification', () => {
  const theirs = PEERS.classification;
  const { labels, weights } = theirs;
  const scores = Float32Array.from(theirs.scores);
  const flagged = Uint8Array.from(scores, (score) => Number(score >= Math.fround(theirs.threshold)));
  const ranking = rank(labels, scores);

  test.each([
    ['precision', precision(confusion(labels, flagged)), theirs.precision],
    ['recall', recall(confusion(labels, flagged)), theirs.recall],
    ['ROC AUC', rocAuc(ranking), theirs.rocAuc],
  ] as const)('%s with its interval', (_, ours, [value, low, high]) => {
    const { value: ourValue, low: ourLow, high: ourHigh } = measuredOf(ours);
    expect(ourValue).toBeCloseTo(value, DIGITS);
    expect(ourLow).toBeCloseTo(low, DIGITS);
    expect(ourHigh).toBeCloseTo(high, DIGITS);
  });

  test.each([
    ['F1', f1(confusion(labels, flagged)), theirs.f1],
    ['average precision', averagePrecision(ranking), theirs.averagePrecision],
    ['Brier', brier(labels, scores), theirs.brier],
    ['calibration error', calibrationError(labels, scores), theirs.calibrationError],
    ['precision, weighted', precision(confusion(labels, flagged, weights)), theirs.weighted.precision],
    ['recall, weighted', recall(confusion(labels, flagged, weights)), theirs.weighted.recall],
    ['F1, weighted', f1(confusion(labels, flagged, weights)), theirs.weighted.f1],
    ['Brier, weighted', brier(labels, scores, weights), theirs.weighted.brier],
    ['calibration error, weighted', calibrationError(labels, scores, weights), theirs.weighted.calibrationError],
  ])('%s', (_, ours, value) => expect(measuredOf(ours).value).toBeCloseTo(value, 8));
});

test('NannyML: performance without labels', () => {
  const { probabilities, threshold, nannyml } = PEERS.cbpe;
  const flagged = probabilities.map((probability) => Number(probability >= threshold));
  const ours = estimatePerformance(Float64Array.from(probabilities), flagged);
  for (const [name, value] of Object.entries(nannyml)) {
    // NannyML rounds its counts to five digits on the way.
    expect(Math.abs(measuredOf(ours[name as keyof typeof nannyml]).value - value)).toBeLessThan(1e-6);
  }
});

test.each(PEERS.adwin)('River: ADWIN finds the same change, $name, a look every $lookEvery', (each) => {
  const { stream, lookEvery, found } = each;
  const detector = new Adwin(0.002, lookEvery);
  const ours = stream.flatMap((value, index) => {
    const change = detector.add(value);
    return change ? [[index + 1, change.kept, change.after] as const] : [];
  });
  expect(ours.map(([row, kept]) => [row, kept])).toEqual(found ? [found.slice(0, 2)] : []);
  if (found) expect(ours[0]![2]).toBeCloseTo(found[2], 8);
});

test('a sample goes the same way by itself and through a comparison', () => {
  const { reference, current, scipy } = PEERS.numbers[1]!;
  const { results } = compareSamples(
    prepareReference(Float64Array.from(reference)),
    prepareSample(Float64Array.from(current)),
  );
  expect(measuredOf(results.kolmogorov_smirnov).statistic).toBeCloseTo(scipy.kolmogorov_smirnov![0], DIGITS);
});
