import type { ServiceCounts } from '../window/service-counts.js';
import { LATENCY_EDGES, quantile } from '../window/score-bins.js';
import { categoryAnswer, chanceOf, mergedCounts, type CategoryAnswer } from './category-counts.js';
import type { Past } from './past.js';
import { corrected, type Tested } from './significance.js';
import type { Measurement } from './verdict.js';

const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;
/** Good windows that volume and latency are compared with at least. */
const LEAST_WINDOWS = 3;

export interface ServiceWindow {
  payments: number;
  fromMs: number;
  toMs: number;
  counts: ServiceCounts;
}

type Lack = { measured: false; reason: string; usable: boolean };
type Answer = { measured: true; value: number; significant: boolean } | Lack;

/** What happened to payments as a whole, whoever scored them: against the last good windows, and degraded at all. */
export function serviceSignals(window: ServiceWindow, past: Past<ServiceCounts>, minimum: number): Measurement[] {
  const { payments, counts } = window;
  const enough = payments >= minimum;
  const lack = `the window has ${payments} payments of the ${minimum} needed`;
  /** Every one needs payments; the rest is the signal's own. */
  const needing = <Own>(answer: () => Own): Own | Lack =>
    enough ? answer() : { measured: false, reason: lack, usable: false };
  const share = payments === 0 ? 0 : counts.degradedPayments / payments;
  return [
    {
      signal: 'data',
      kind: 'not_enough_data',
      measured: true,
      value: enough ? 0 : 1,
      significant: true,
      numbers: { payments, minimum },
      ...(enough ? {} : { reason: lack }),
    },
    {
      signal: 'degraded',
      kind: 'degraded',
      numbers: { ...counts.degraded, payments: counts.degradedPayments },
      ...needing((): Answer => ({ measured: true, value: share, significant: true })),
    },
    volumeSignal(window, past, enough),
    latencySignal(window, past, needing),
    ...corrected([
      shift('decision', 'decision_shift', counts.decisions, past, needing),
      shift('reason', 'reason_shift', counts.reasons, past, needing),
      stoppedShare(counts, past, needing),
    ]),
  ];
}

function shift(
  signal: string,
  kind: 'decision_shift' | 'reason_shift',
  now: Record<string, number>,
  past: Past<ServiceCounts>,
  needing: (answer: () => CategoryAnswer) => CategoryAnswer,
): Tested {
  const good = past.good(signal);
  const before = mergedCounts(
    good.map(({ counts }) => (kind === 'decision_shift' ? counts.decisions : counts.reasons)),
  );
  const answer = needing(() => (good.length === 0 ? noPast('there is no good window') : categoryAnswer(before, now)));
  return { signal, kind, numbers: { window: now, lastGood: before }, ...answer };
}

function stoppedShare(
  counts: ServiceCounts,
  past: Past<ServiceCounts>,
  needing: (answer: () => CategoryAnswer) => CategoryAnswer,
): Tested {
  const good = past.good('stopped');
  const now = stopped(counts);
  const before = mergedCounts(good.map((window) => stopped(window.counts)));
  const answer = needing(() => {
    if (good.length === 0) return noPast('there is no good window');
    // Half a payment more on each side, so that none at all has a logarithm.
    const [share, usual] = [now, before].map(({ stopped = 0, approved = 0 }) => (stopped + 0.5) / (approved + 0.5));
    return { measured: true, value: Math.abs(Math.log(share! / usual!)), pValue: chanceOf(before, now) };
  });
  return { signal: 'stopped', kind: 'stopped_share', numbers: { window: now, lastGood: before }, ...answer };
}

function stopped({ decisions: { approve = 0, ...others } }: ServiceCounts): Record<string, number> {
  return { stopped: Object.values(others).reduce((sum, count) => sum + count, 0), approved: approve };
}

/** @param enough whether the window may be compared with, as long as there is nothing to hold it against itself */
function volumeSignal(
  { payments, fromMs, toMs }: ServiceWindow,
  past: Past<ServiceCounts>,
  enough: boolean,
): Measurement {
  const good = past.good('volume');
  const rate = payments / ((toMs - fromMs) / HOUR_MS);
  const hours = good.reduce((sum, window) => sum + (window.toMs - window.fromMs) / HOUR_MS, 0);
  const before = good.reduce((sum, window) => sum + window.payments, 0) / hours;
  const weekAgo = good.find((window) => window.fromMs === fromMs - WEEK_MS && window.toMs === toMs - WEEK_MS);
  const base = { signal: 'volume', kind: 'volume_shift' as const };
  const numbers = {
    paymentsPerHour: rate,
    lastGood: Number.isFinite(before) ? before : null,
    weekAgo: weekAgo ? weekAgo.payments / ((toMs - fromMs) / HOUR_MS) : null,
  };
  if (good.length < LEAST_WINDOWS || before === 0) {
    return { ...base, numbers, measured: false, reason: `${fewWindows(good.length)} before this one`, usable: enough };
  }
  // None at all is as far as one payment.
  const distance = (other: number | null): number =>
    other ? Math.abs(Math.log(Math.max(rate, 1 / hours) / other)) : Infinity;
  // A busy day of the week is no shift: the nearer counts.
  const value = Math.min(distance(before), distance(numbers.weekAgo));
  return { ...base, numbers, measured: true, value, significant: true };
}

function latencySignal(
  { counts }: ServiceWindow,
  past: Past<ServiceCounts>,
  needing: (answer: () => Answer) => Answer,
): Measurement {
  const good = past.good('latency');
  const now = quantile(LATENCY_EDGES, counts.latency, 0.99);
  const bins = LATENCY_EDGES.map((_, bin) => good.reduce((sum, window) => sum + (window.counts.latency[bin] ?? 0), 0));
  const before = quantile(LATENCY_EDGES, bins, 0.99);
  const answer = needing(() =>
    now === null || before === null || good.length < LEAST_WINDOWS
      ? noPast(fewWindows(good.length))
      : // Faster is no cause for alarm.
        { measured: true, value: Math.max(0, Math.log(now / before)), significant: true },
  );
  return { signal: 'latency', kind: 'slow_decisions', numbers: { p99Us: now, lastGoodP99Us: before }, ...answer };
}

const noPast = (reason: string): Lack => ({ measured: false, reason: `${reason} before this one`, usable: true });
const fewWindows = (windows: number): string => `there are ${windows} good windows of the ${LEAST_WINDOWS} needed`;
