import type { JudgedPayment, MonitoringWindow } from '@vigia/ledger';
import type { Estimate } from '@vigia/statistics';
import type { Past } from '../drift/past.js';
import type { Measurement } from '../drift/verdict.js';
import type { VersionWindow } from '../drift/version-signals.js';
import type { VersionCounts } from '../window/version-counts.js';
import { shareIn, type DelayCurve } from './delay-curve.js';
import { realisedPerformance } from './realised.js';

/** Good windows that an estimate is compared with at least. */
const LEAST_WINDOWS = 3;
/** Frauds that are expected or known, at least: below, a quarter more or less is chance. */
const LEAST_FRAUDS = 30;
/** A window counts for the realised performance from this share of its labels on. */
export const MATURE_SHARE = 0.9;

/** What has no label yet is estimated, and compared with the last good windows. */
export function estimatedSignal(
  { payments, counts }: VersionWindow,
  past: Past<VersionCounts>,
  minimum: number,
): Measurement {
  const base = { signal: 'estimated/average_precision', kind: 'estimated_performance' as const };
  const good = past.good(base.signal).flatMap(({ counts: known }) => valueOf(known) ?? []);
  const now = valueOf(counts);
  const frauds = counts.estimated?.frauds ?? 0;
  const before = good.length === 0 ? null : good.reduce((sum, value) => sum + value, 0) / good.length;
  const numbers = { estimated: now, lastGood: before, expectedFrauds: frauds };
  const lacking = (reason: string, usable: boolean): Measurement => ({
    ...base,
    numbers,
    measured: false,
    reason,
    usable,
  });
  if (payments < minimum) return lacking(`the window has ${payments} payments of the ${minimum} needed`, false);
  if (now === null) return lacking('the bundle with its threshold could not be read, or no fraud is expected', false);
  if (frauds < LEAST_FRAUDS) return lacking(`${Math.round(frauds)} frauds are expected, ${LEAST_FRAUDS} needed`, false);
  if (before === null || good.length < LEAST_WINDOWS) {
    return lacking(`there are ${good.length} good windows before this one, ${LEAST_WINDOWS} needed`, true);
  }
  return { ...base, numbers, measured: true, value: Math.max(0, 1 - now / before), significant: true };
}

const valueOf = ({ estimated }: VersionCounts): number | null =>
  estimated?.averagePrecision.kind === 'measured' ? estimated.averagePrecision.value : null;

/** Metric of the bundle that each realised one is held against. */
const BASELINES = {
  averagePrecision: 'average_precision',
  precision: 'precision_at_review',
  recall: 'recall_at_review',
} as const;

export interface Labels {
  judged: JudgedPayment[];
  curve: DelayCurve;
}

/**
 * What the labels say of the windows whose labels are nearly all in, held against the hold-out of the bundle. A young
 * window says nothing here: few of its frauds are known.
 * @param windows of the version, that of `nowMs` included
 */
export function realisedSignals(
  windows: MonitoringWindow<VersionCounts>[],
  metrics: Record<string, number>,
  { judged, curve }: Labels,
  nowMs: number,
): Measurement[] {
  const mature = matureWindows(windows, curve, nowMs);
  const realised = realisedPerformance(mature, judged);
  const lack = lackOfLabels(curve, mature.length, realised.frauds);
  return Object.entries(BASELINES).map(([name, metric]): Measurement => {
    const estimate: Estimate = realised[name as keyof typeof BASELINES];
    const baseline = metrics[metric];
    const base = {
      signal: `realised/${metric}`,
      kind: 'realised_performance' as const,
      numbers: { realised: estimate, holdOut: baseline ?? null, windows: mature.length, frauds: realised.frauds },
    };
    if (lack !== null) return { ...base, measured: false, reason: lack, usable: true };
    if (estimate.kind !== 'measured') return { ...base, measured: false, reason: estimate.reason, usable: true };
    if (!baseline) return { ...base, measured: false, reason: `the bundle has no metric ${metric}`, usable: true };
    const value = Math.max(0, 1 - estimate.value / baseline);
    return { ...base, measured: true, value, significant: estimate.high < baseline };
  });
}

/** Those whose labels are nearly all in. */
export function matureWindows<Counts>(
  windows: MonitoringWindow<Counts>[],
  curve: DelayCurve,
  nowMs: number,
): MonitoringWindow<Counts>[] {
  return windows.filter(({ toMs }) => (shareIn(curve, nowMs - toMs) ?? 0) >= MATURE_SHARE);
}

/** Why the labels say nothing; null where they do. */
export function lackOfLabels(curve: DelayCurve, windows: number, frauds: number): string | null {
  if (curve.kind !== 'measured') return `how labels come in is not known: ${curve.reason}`;
  if (windows === 0) return `no window has ${MATURE_SHARE * 100} % of its labels yet`;
  return frauds < LEAST_FRAUDS
    ? `${frauds} frauds are known of windows with their labels, ${LEAST_FRAUDS} needed`
    : null;
}
