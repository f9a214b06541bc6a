import { alignCategories, type CategoryCounts } from './categories.js';
import { chiSquare } from './chi-square.js';
import { presentIn, requireSameEdges, type Histogram } from './histogram.js';
import { notEnoughData, total, type Measure, type Result } from './measure.js';
import { MEASURES, MEASURE_NAMES, type MeasureName } from './measures.js';
import { countSorted, type ReferenceSample, type Sample } from './sample.js';
import { stepsOfHistograms, stepsOfSamples, type Steps } from './steps.js';

export interface Rows {
  present: number;
  missing: number;
}

export interface Comparison {
  reference: Rows;
  current: Rows;
  /** Whether the share of missing values changed: chi-square of present against missing. */
  missing: Result;
  /** Of what is present. */
  results: Partial<Record<MeasureName, Result>>;
}

/** A window's values against the reference's, none lost to bins where the measure knows order. */
export function compareSamples(
  reference: ReferenceSample,
  current: Sample,
  names: readonly MeasureName[] = MEASURE_NAMES,
): Comparison {
  return compare(names, {
    reference: { present: reference.sorted.length, missing: reference.missing },
    current: { present: current.sorted.length, missing: current.missing },
    steps: () => stepsOfSamples(reference, current),
    counts: () => [reference.histogram.counts, countSorted(reference.histogram.edges, current).counts],
  });
}

/**
 * A window that was counted into the reference's edges against the reference.
 * @throws {RangeError} when the edges differ
 */
export function compareHistograms(
  reference: Histogram,
  current: Histogram,
  names: readonly MeasureName[] = MEASURE_NAMES,
): Comparison {
  requireSameEdges(reference, current);
  return compare(names, {
    reference: { present: presentIn(reference), missing: reference.missing },
    current: { present: presentIn(current), missing: current.missing },
    steps: () => stepsOfHistograms(reference, current),
    counts: () => [reference.counts, current.counts],
  });
}

/** The measures that compare shares, over all categories of both sides. */
export function compareCategories(
  reference: CategoryCounts,
  current: CategoryCounts,
  names: readonly MeasureName[] = MEASURE_NAMES,
): Comparison {
  const counts = alignCategories(reference, current);
  return compare(
    names.filter((name) => MEASURES[name].kind === 'counts'),
    {
      reference: { present: total(counts[0]), missing: reference.missing },
      current: { present: total(counts[1]), missing: current.missing },
      counts: () => counts,
    },
  );
}

interface Sides {
  reference: Rows;
  current: Rows;
  steps?: () => Steps;
  counts: () => [readonly number[], readonly number[]];
}

function compare(names: readonly MeasureName[], { reference, current, ...sides }: Sides): Comparison {
  let steps: Steps | undefined;
  let counts: [readonly number[], readonly number[]] | undefined;
  const measured = (measure: Measure): Result => {
    const lack = lackOf(measure, reference.present, current.present);
    if (lack !== undefined) return notEnoughData(lack);
    const figures =
      measure.kind === 'ordered'
        ? measure.ofSteps((steps ??= sides.steps!()))
        : measure.ofCounts(...(counts ??= sides.counts()));
    return { kind: 'measured', ...figures };
  };
  const results: Partial<Record<MeasureName, Result>> = {};
  for (const name of names) results[name] = measured(MEASURES[name]);
  return { reference, current, missing: compareMissing(reference, current), results };
}

function lackOf({ minimumRows }: Measure, reference: number, current: number): string | undefined {
  if (reference < minimumRows)
    return `the reference has ${reference} rows that are not missing of the ${minimumRows} needed`;
  if (current < minimumRows) return `the window has ${current} rows that are not missing of the ${minimumRows} needed`;
  return undefined;
}

function compareMissing(reference: Rows, current: Rows): Result {
  const lack = lackOf(chiSquare, reference.present + reference.missing, current.present + current.missing);
  if (lack !== undefined) return notEnoughData(lack.replace(' that are not missing', ''));
  const counts = ({ present, missing }: Rows): number[] => [present, missing];
  return { kind: 'measured', ...chiSquare.ofCounts(counts(reference), counts(current)) };
}
