import type { JudgedPayment, MonitoringWindow } from '@vigia/ledger';
import {
  averagePrecision,
  countInto,
  precision,
  recall,
  rocAuc,
  type Estimate,
  type Histogram,
  type Ranking,
} from '@vigia/statistics';
import { SCORE_EDGES } from '../window/score-bins.js';
import type { VersionCounts } from '../window/version-counts.js';

/** What the labels known so far say of a version. Payments without a label count as legitimate so far. */
export interface RealisedPerformance {
  /** Known frauds among the payments that it scored, and those of them that it flagged. */
  frauds: number;
  found: number;
  flagged: number | null;
  precision: Estimate;
  recall: Estimate;
  rocAuc: Estimate;
  averagePrecision: Estimate;
}

type VersionWindow = Pick<MonitoringWindow<VersionCounts>, 'bundleVersion' | 'fromMs' | 'toMs' | 'payments' | 'counts'>;

/**
 * Joins what was counted of windows with the labels of their payments. Only the frauds are read one by one; all others
 * are in the bins of the score, so that scores in a bin of 0.1 log-odds count as equal.
 * @param windows of one version
 */
export function realisedPerformance(windows: VersionWindow[], judged: JudgedPayment[]): RealisedPerformance {
  const bins: Histogram = { edges: SCORE_EDGES, counts: SCORE_EDGES.map(() => 0).concat(0), missing: 0 };
  let [payments, flagged, found, frauds] = [0, 0, 0, 0];
  let knowsThreshold = windows.length > 0;
  for (const window of windows) {
    payments += window.payments;
    const scores = fraudScores(window, judged);
    frauds += scores.length;
    countInto(bins, Float64Array.from(scores));
    const { threshold, payments: above } = window.counts.flagged ?? { threshold: Infinity, payments: 0 };
    if (!window.counts.flagged) knowsThreshold = false;
    flagged += above;
    found += scores.filter((score) => score >= threshold).length;
  }
  const confusion = {
    truePositives: found,
    falsePositives: Math.max(0, flagged - found),
    falseNegatives: frauds - found,
    trueNegatives: Math.max(0, payments - flagged - (frauds - found)),
    rowsPerWeight: 1,
  };
  const lack: Estimate = { kind: 'not_enough_data', reason: 'the bundle with its threshold could not be read' };
  const ranking = rankingOf(windows, bins);
  return {
    frauds,
    found,
    flagged: knowsThreshold ? flagged : null,
    precision: knowsThreshold ? precision(confusion) : lack,
    recall: knowsThreshold ? recall(confusion) : lack,
    rocAuc: rocAuc(ranking),
    averagePrecision: averagePrecision(ranking),
  };
}

function fraudScores({ bundleVersion, fromMs, toMs }: VersionWindow, judged: JudgedPayment[]): number[] {
  return judged.flatMap(({ fraud, acceptedAtMs, scores }) => {
    if (!fraud || acceptedAtMs < fromMs || acceptedAtMs >= toMs) return [];
    return scores.find((score) => score.bundleVersion === bundleVersion)?.probability ?? [];
  });
}

function rankingOf(windows: VersionWindow[], frauds: Histogram): Ranking {
  const known = frauds.counts.reduce((sum, count) => sum + count, 0);
  const all = frauds.counts.map((_, bin) => windows.reduce((sum, { counts }) => sum + (counts.scoreBins[bin] ?? 0), 0));
  const legitimate = all.map((count, bin) => Math.max(0, count - frauds.counts[bin]!));
  const others = legitimate.reduce((sum, count) => sum + count, 0);
  if (known < 2) return { kind: 'not_enough_data', reason: `${known} frauds are known, 2 needed` };
  if (others < 2) return { kind: 'not_enough_data', reason: `${others} other payments, 2 needed` };
  // As samples have steps: only where there are payments.
  const filled = [...all.keys()].filter((bin) => legitimate[bin]! + frauds.counts[bin]! > 0);
  return {
    kind: 'ranked',
    steps: {
      values: Float64Array.from(filled, (bin) => SCORE_EDGES[bin] ?? 1),
      reference: cumulated(filled.map((bin) => legitimate[bin]!)),
      current: cumulated(filled.map((bin) => frauds.counts[bin]!)),
    },
  };
}

function cumulated(counts: readonly number[]): Uint32Array {
  let sum = 0;
  return Uint32Array.from(counts, (count) => (sum += count));
}
