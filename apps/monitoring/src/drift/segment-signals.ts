import { compareHistograms, type Histogram } from '@vigia/statistics';
import type { SegmentCounts } from '../window/segment-counts.js';
import { SEGMENTATIONS } from '../window/segments.js';
import type { VersionCounts } from '../window/version-counts.js';
import { categoryAnswer, chanceOf, mergedCounts } from './category-counts.js';
import type { Past } from './past.js';
import type { Tested } from './significance.js';

/** Frauds that are expected in a segment, at least: below, a quarter more or less is chance. */
const LEAST_FRAUDS = 30;

/** Segmentations whose mix tells something. Windows shorter than a day have other hours each time. */
const MIXES = Object.keys(SEGMENTATIONS).filter((segmentation) => segmentation !== 'hour');

const NO_PAST = 'there is no good window of it before this one';

/**
 * How a version does in each segment, against the last good windows: a change in one may not show in the whole.
 * @param edges of the score, of the bundle
 * @param lack why nothing can be said of the window; null where it can
 */
export function segmentSignals(
  { segments }: VersionCounts,
  past: Past<VersionCounts>,
  edges: readonly number[],
  lack: string | null,
): Tested[] {
  const known = past.all().flatMap(({ counts }) => Object.keys(counts.segments));
  const names = [...new Set([...Object.keys(segments), ...known])].sort();
  return [
    ...MIXES.map((segmentation) => mixSignal(segmentation, segments, past, lack)),
    ...names.flatMap((name) => {
      const segment = new Segment(name, segments[name], past, lack);
      return [segment.score(edges), segment.decision(), segment.estimatedRecall()];
    }),
  ];
}

/** Whether payments come in other segments than before, among them one that never was. */
function mixSignal(
  segmentation: string,
  segments: VersionCounts['segments'],
  past: Past<VersionCounts>,
  lack: string | null,
): Tested {
  const signal = `mix/${segmentation}`;
  const paymentsOf = (counts: VersionCounts['segments']): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counts)
        .filter(([name]) => name.startsWith(`${segmentation}/`))
        .map(([name, { payments }]) => [name.slice(segmentation.length + 1), payments]),
    );
  const good = past.good(signal);
  const before = mergedCounts(good.map(({ counts }) => paymentsOf(counts.segments)));
  const now = paymentsOf(segments);
  const base = { signal, kind: 'segment_drift' as const, numbers: { window: now, lastGood: before } };
  if (lack !== null) return { ...base, measured: false, reason: lack, usable: false };
  if (good.length === 0) return { ...base, measured: false, reason: NO_PAST, usable: true };
  return { ...base, ...categoryAnswer(before, now) };
}

class Segment {
  constructor(
    private readonly name: string,
    private readonly now: SegmentCounts | undefined,
    private readonly past: Past<VersionCounts>,
    private readonly lack: string | null,
  ) {}

  score(edges: readonly number[]): Tested {
    const signal = `segment/${this.name}/score`;
    const before = this.good(signal).map(({ score }) => score);
    const base = { signal, kind: 'segment_drift' as const };
    const lacking = this.lacking(before.length);
    if (lacking) return { ...base, numbers: {}, ...lacking };
    const histogramOf = (counts: number[]): Histogram => ({ edges, counts, missing: 0 });
    const merged = edges.map((_, bin) => before.reduce((sum, counts) => sum + counts[bin]!, 0));
    merged.push(before.reduce((sum, counts) => sum + counts.at(-1)!, 0));
    const { reference, current, results } = compareHistograms(histogramOf(merged), histogramOf(this.now!.score), [
      'psi',
      'chi_square',
    ]);
    const { psi, chi_square: chi } = results;
    const numbers = { payments: current.present, lastGood: reference.present };
    if (psi!.kind !== 'measured') return { ...base, numbers, measured: false, reason: psi!.reason, usable: true };
    const pValue = chi!.kind === 'measured' ? chi!.pValue : null;
    return { ...base, numbers, measured: true, value: psi!.statistic, pValue };
  }

  decision(): Tested {
    const signal = `segment/${this.name}/decision`;
    const good = this.good(signal);
    const before = mergedCounts(good.map(({ decisions }) => decisions));
    const now = this.now?.decisions ?? {};
    const base = { signal, kind: 'segment_drift' as const, numbers: { window: now, lastGood: before } };
    return { ...base, ...(this.lacking(good.length) ?? categoryAnswer(before, now)) };
  }

  /** Share of the expected frauds that are flagged: without labels, and as blind as all that goes by scores alone. */
  estimatedRecall(): Tested {
    const signal = `segment/${this.name}/estimated_recall`;
    const good = this.good(signal).map(({ expected }) => expected);
    const sum = (read: (expected: SegmentCounts['expected']) => number): number =>
      good.reduce((total, expected) => total + read(expected), 0);
    const before = { frauds: sum(({ frauds }) => frauds), flagged: sum(({ flagged }) => flagged) };
    const now = this.now?.expected ?? { frauds: 0, flagged: 0 };
    const base = { signal, kind: 'segment_performance' as const, numbers: { window: now, lastGood: before } };
    const lacking = this.lacking(good.length);
    if (lacking) return { ...base, ...lacking };
    const fewest = Math.min(now.frauds, before.frauds);
    if (fewest < LEAST_FRAUDS || before.flagged === 0) {
      const reason = `${Math.round(fewest)} frauds are expected, ${LEAST_FRAUDS} needed`;
      return { ...base, measured: false, reason, usable: true };
    }
    const value = Math.max(0, 1 - now.flagged / now.frauds / (before.flagged / before.frauds));
    return { ...base, measured: true, value, pValue: chanceOf(foundOf(before), foundOf(now)) };
  }

  private good(signal: string): SegmentCounts[] {
    return this.past.good(signal).flatMap(({ counts }) => counts.segments[this.name] ?? []);
  }

  private lacking(goodWindows: number): { measured: false; reason: string; usable: boolean } | null {
    if (this.lack !== null) return { measured: false, reason: this.lack, usable: false };
    if (!this.now) return { measured: false, reason: 'the window has no payment of this segment', usable: true };
    return goodWindows === 0 ? { measured: false, reason: NO_PAST, usable: true } : null;
  }
}

const foundOf = ({ frauds, flagged }: SegmentCounts['expected']): Record<string, number> => ({
  found: flagged,
  missed: frauds - flagged,
});
