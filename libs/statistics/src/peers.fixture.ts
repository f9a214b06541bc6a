import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EstimatedPerformance } from './cbpe.js';
import type { Histogram } from './histogram.js';
import type { MeasureName } from './measures.js';

/** Statistic and p value, null where the peer has none that holds. */
type OfScipy = Partial<Record<MeasureName, [number, number | null] | null>>;

interface Peers {
  specialFunctions: {
    erfc: [number, number][];
    kolmogorov: [number, number][];
    chiSquare: [number, number, number][];
  };
  numbers: {
    name: string;
    reference: number[];
    current: number[];
    binned: [number[], number[]];
    deviations: [number, number];
    scipy: OfScipy;
    evidently: Record<'psi' | 'jensen_shannon' | 'kolmogorov_smirnov' | 'cramer_von_mises' | 'wasserstein', number> & {
      hellinger?: number;
    };
  }[];
  categories: {
    name: string;
    counts: [number[], number[]];
    scipy: OfScipy;
    cramersV: number;
    evidently: Record<'psi' | 'jensen_shannon' | 'hellinger', number>;
  }[];
  histograms: { values: (number | null)[]; histogram: Histogram }[];
  pValues: { raw: number[]; benjaminiHochberg: number[] };
  classification: {
    labels: number[];
    scores: number[];
    weights: number[];
    threshold: number;
    precision: [number, number, number];
    recall: [number, number, number];
    f1: number;
    weighted: Record<'precision' | 'recall' | 'f1' | 'brier' | 'calibrationError', number>;
    rocAuc: [number, number, number];
    averagePrecision: number;
    brier: number;
    calibrationError: number;
  };
  cbpe: {
    probabilities: number[];
    threshold: number;
    nannyml: Record<Exclude<keyof EstimatedPerformance, 'frauds'>, number>;
  };
  adwin: { name: string; stream: number[]; lookEvery: number; found: [number, number, number] | null }[];
}

/** What other libraries say of the same data; `fixtures/make.py` makes it. */
export const PEERS = JSON.parse(readFileSync(join(__dirname, '../fixtures/peers.json'), 'utf8')) as Peers;

/** @throws {Error} when it is "not enough data" */
export function measuredOf<R extends { kind: string }>(result: R | undefined): Extract<R, { kind: 'measured' }> {
  if (result?.kind !== 'measured') throw new Error(`not measured: ${JSON.stringify(result)}`);
  return result as Extract<R, { kind: 'measured' }>;
}

/** Mulberry32: a generator of uniform numbers in [0, 1) from a seed. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
