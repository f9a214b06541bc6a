import type { Steps } from './steps.js';

/** What a measure says of two sides that have enough rows. */
export interface Figures {
  /** The larger, the further apart; 0 for equal distributions. */
  statistic: number;
  /** How far apart, free of units and of the numbers of rows; null where the feature has no scale. */
  effect: number | null;
  /** Chance of a statistic at least so large where nothing has changed; null for a distance. */
  pValue: number | null;
}

/** "Not enough data" is an answer: it says what is lacking. */
export interface NotEnoughData {
  kind: 'not_enough_data';
  reason: string;
}

export type Result = ({ kind: 'measured' } & Figures) | NotEnoughData;

export const notEnoughData = (reason: string): NotEnoughData => ({ kind: 'not_enough_data', reason });

interface Description {
  /** Largest value of the statistic; Infinity where it has none. */
  upperBound: number;
  /** What `effect` is. */
  effect: string;
  hasPValue: boolean;
  /** Rows that are not missing, on either side. With fewer the answer is "not enough data". */
  minimumRows: number;
  /** What can change without a trace in the statistic. */
  blindTo: string;
  source: string;
}

/** Compares the order of numbers. */
export interface OrderedMeasure extends Description {
  kind: 'ordered';
  ofSteps(steps: Steps): Figures;
}

/**
 * Compares shares of categories, or of the bins of a histogram.
 * `ofCounts` gets two arrays [k] over the same categories, both with a sum above 0.
 */
export interface CountsMeasure extends Description {
  kind: 'counts';
  ofCounts(reference: readonly number[], current: readonly number[]): Figures;
}

export type Measure = OrderedMeasure | CountsMeasure;

export const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
