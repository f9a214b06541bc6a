import type { MonitoringWindow } from '@vigia/ledger';
import { chanceOf } from '../drift/category-counts.js';
import type { Tested } from '../drift/significance.js';
import type { Reference } from '../window/reference.js';
import { segmentsOf } from '../window/segments.js';
import type { VersionCounts } from '../window/version-counts.js';
import { lackOfLabels, matureWindows, type Labels } from './performance-signals.js';

/**
 * Recall by segment in the windows whose labels are nearly all in, held against that of the segment on the hold-out.
 * A segment that the hold-out has too few frauds of has no signal: nobody knows what it should be.
 * @param windows of the version, that of `nowMs` included
 */
export function realisedSegmentSignals(
  windows: MonitoringWindow<VersionCounts>[],
  recalls: Reference['recalls'],
  { judged, curve }: Labels,
  nowMs: number,
): Tested[] {
  const mature = matureWindows(windows, curve, nowMs);
  const found: Record<string, { found: number; missed: number }> = {};
  for (const { bundleVersion, fromMs, toMs, counts } of mature) {
    const threshold = counts.flagged?.threshold;
    if (threshold === undefined) continue;
    for (const { fraud, acceptedAtMs, traits, scores } of judged) {
      if (!fraud || acceptedAtMs < fromMs || acceptedAtMs >= toMs) continue;
      const score = scores.find((each) => each.bundleVersion === bundleVersion);
      if (!score) continue;
      for (const segment of segmentsOf(traits)) {
        const counted = (found[segment] ??= { found: 0, missed: 0 });
        counted[score.probability >= threshold ? 'found' : 'missed']++;
      }
    }
  }
  return Object.entries(recalls).map(([segment, { recall, frauds }]): Tested => {
    const now = found[segment] ?? { found: 0, missed: 0 };
    const known = now.found + now.missed;
    const holdOut = { found: recall * frauds, missed: (1 - recall) * frauds };
    const base = {
      signal: `segment/${segment}/realised_recall`,
      kind: 'segment_performance' as const,
      numbers: { window: now, holdOut: { recall, frauds }, windows: mature.length },
    };
    const lack = lackOfLabels(curve, mature.length, known);
    if (lack !== null) return { ...base, measured: false, reason: lack, usable: true };
    if (recall === 0) return { ...base, measured: false, reason: 'none was found on the hold-out', usable: true };
    const value = Math.max(0, 1 - now.found / known / recall);
    return { ...base, measured: true, value, pValue: chanceOf(holdOut, now) };
  });
}
