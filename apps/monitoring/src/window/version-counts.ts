import {
  countInto,
  emptyLike,
  estimatePerformance,
  type EstimatedPerformance,
  type Histogram,
} from '@vigia/statistics';
import type { Reference, ReferenceAnswer } from './reference.js';
import { SCORE_EDGES } from './score-bins.js';
import { ScoreSample } from './score-sample.js';
import { SegmentCounter, type SegmentCounts } from './segment-counts.js';
import { UnseenCounter, type UnseenCounts } from './unseen-counts.js';

/** What is counted of the payments that a version scored in a window. */
export interface VersionCounts {
  /** Why there is nothing to compare with; null where there is. */
  referenceLack: string | null;
  /** By name, in the edges of the bundle; empty without a reference. */
  features: Record<string, Histogram>;
  /** Payments whose features are of another set, or were not computed: they are counted in no feature. */
  withoutFeatures: number;
  /** In the edges of the bundle; null without a reference. */
  score: Histogram | null;
  /** Counts of the bins of the score, for the order of payments. */
  scoreBins: number[];
  /** Probability from which the bundle would review, and payments at or above it; null without a bundle. */
  flagged: { threshold: number; payments: number } | null;
  /** What the version decided itself, not in shadow. */
  decisions: Record<string, number>;
  /** Before any label is there; null without a bundle. */
  estimated: EstimatedPerformance | null;
  /** By segment; empty without a reference. */
  segments: Record<string, SegmentCounts>;
  /** By name, of the features that had few values in training; empty without a reference. */
  unseen: Record<string, UnseenCounts>;
}

/** What those leave out that compare neither features nor segments. */
export const LARGE_COUNTS: string[] = ['features', 'segments'] satisfies (keyof VersionCounts)[];

/** A payment as one version scored it. */
export interface Scored {
  segments: string[];
  vector: Float32Array;
  featureSetHash: string;
  probability: number;
  /** Null where it scored in shadow. */
  decision: string | null;
}

/** Counts what a version scored, page by page; its memory does not grow with the window beyond {@link ScoreSample}. */
export class VersionCounter {
  payments = 0;
  private readonly reference: Reference | null;
  private readonly features: Map<string, Histogram>;
  private readonly score: Histogram | null;
  private readonly bins = { edges: SCORE_EDGES, counts: SCORE_EDGES.map(() => 0).concat(0), missing: 0 };
  private readonly sample = new ScoreSample();
  private readonly decisions: Record<string, number> = {};
  private readonly segments: SegmentCounter | null;
  private readonly unseen: UnseenCounter;
  private withoutFeatures = 0;
  private flagged = 0;

  constructor(private readonly answer: ReferenceAnswer) {
    this.reference = answer.kind === 'found' ? answer.reference : null;
    const known = Object.entries(this.reference?.features ?? {});
    this.features = new Map(known.map(([name, histogram]) => [name, emptyLike(histogram)]));
    this.score = this.reference && emptyLike(this.reference.probability);
    this.segments =
      this.reference && new SegmentCounter(this.reference.probability, this.reference.manifest.thresholds.review);
    this.unseen = new UnseenCounter(this.reference?.categories ?? {});
  }

  add(page: Scored[]): void {
    this.payments += page.length;
    const threshold = this.reference?.manifest.thresholds.review ?? Infinity;
    for (const { probability, decision } of page) {
      const isFlagged = probability >= threshold;
      if (isFlagged) this.flagged++;
      if (this.reference) this.sample.add(probability, isFlagged);
      if (decision !== null) this.decisions[decision] = (this.decisions[decision] ?? 0) + 1;
    }
    const scores = Float64Array.from(page, ({ probability }) => probability);
    countInto(this.bins, scores);
    if (this.score) countInto(this.score, scores);
    this.segments?.add(page);
    this.addFeatures(page);
  }

  private addFeatures(page: Scored[]): void {
    const { featureSet, features: names } = this.reference?.manifest ?? { featureSet: null, features: [] };
    const usable = page.filter(
      ({ vector, featureSetHash }) => vector.length === names.length && featureSetHash === featureSet?.hash,
    );
    this.withoutFeatures += page.length - usable.length;
    const column = new Float32Array(usable.length);
    for (const [index, name] of names.entries()) {
      const histogram = this.features.get(name);
      if (!histogram) continue;
      for (const [row, { vector }] of usable.entries()) column[row] = vector[index]!;
      countInto(histogram, column);
      this.unseen.add(name, column);
    }
  }

  result(): VersionCounts {
    const { probabilities, flagged } = this.sample.values();
    const estimated = this.reference && estimatePerformance(probabilities, flagged);
    return {
      referenceLack: this.answer.kind === 'missing' ? this.answer.reason : null,
      features: Object.fromEntries(this.features),
      withoutFeatures: this.withoutFeatures,
      score: this.score,
      scoreBins: this.bins.counts,
      flagged: this.reference && { threshold: this.reference.manifest.thresholds.review, payments: this.flagged },
      decisions: this.decisions,
      estimated: estimated && { ...estimated, frauds: estimated.frauds * this.sample.weight },
      segments: this.segments?.result() ?? {},
      unseen: this.unseen.result(),
    };
  }
}
