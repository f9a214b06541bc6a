import { countInto, emptyLike, type Histogram } from '@vigia/statistics';

/** What is counted of the payments of a segment that a version scored. */
export interface SegmentCounts {
  payments: number;
  /** Counts of the bins of the score, in the edges of the bundle. */
  score: number[];
  /** What the version decided itself, not in shadow. */
  decisions: Record<string, number>;
  /** Frauds to be expected by the scores, and those of them that are flagged. */
  expected: { frauds: number; flagged: number };
}

interface SegmentedScore {
  segments: string[];
  probability: number;
  decision: string | null;
}

/** Counts by segment, page by page. */
export class SegmentCounter {
  private readonly counts = new Map<string, Omit<SegmentCounts, 'score'> & { score: Histogram }>();

  /**
   * @param probability of the reference: its edges
   * @param threshold from which the bundle would review
   */
  constructor(
    private readonly probability: Histogram,
    private readonly threshold: number,
  ) {}

  add(page: SegmentedScore[]): void {
    const scores = new Map<string, number[]>();
    for (const { segments, probability, decision } of page) {
      for (const segment of segments) {
        const counts = this.of(segment);
        counts.payments++;
        counts.expected.frauds += probability;
        if (probability >= this.threshold) counts.expected.flagged += probability;
        if (decision !== null) counts.decisions[decision] = (counts.decisions[decision] ?? 0) + 1;
        const known = scores.get(segment);
        if (known) known.push(probability);
        else scores.set(segment, [probability]);
      }
    }
    for (const [segment, values] of scores) countInto(this.of(segment).score, Float64Array.from(values));
  }

  result(): Record<string, SegmentCounts> {
    const entries = [...this.counts].map(([segment, counts]): [string, SegmentCounts] => [
      segment,
      { ...counts, score: counts.score.counts },
    ]);
    return Object.fromEntries(entries);
  }

  private of(segment: string): Omit<SegmentCounts, 'score'> & { score: Histogram } {
    const known = this.counts.get(segment) ?? {
      payments: 0,
      score: emptyLike(this.probability),
      decisions: {},
      expected: { frauds: 0, flagged: 0 },
    };
    this.counts.set(segment, known);
    return known;
  }
}
