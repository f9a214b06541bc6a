import { Fault } from '@vigia/contracts';
import type { MonitoredRole, MonitoringRecord, MonitoringWindow } from '@vigia/ledger';
import type { EstimatedPerformance } from '@vigia/statistics';
import { LARGE_COUNTS, type VersionCounts } from '../window/version-counts.js';
import { delayCurve, shareIn, type DelayCurve } from './delay-curve.js';
import { MATURE_SHARE } from './performance-signals.js';
import { realisedPerformance, type RealisedPerformance } from './realised.js';

export interface PerformanceLine {
  model: string;
  from: string;
  to: string;
  /** How labels come in; without it nobody knows how much of a young window is known. */
  delayCurve: DelayCurve;
  /** Newest first; each version apart. */
  windows: {
    bundleVersion: string;
    role: MonitoredRole;
    from: string;
    to: string;
    payments: number;
    /** Without labels, from the scores. Null where the bundle could not be read. */
    estimated: EstimatedPerformance | null;
    /** By the labels known now: of a young window it is not what it will be. */
    realised: RealisedPerformance;
    /** Share of its labels that can be expected to be in, at least; null where nobody knows. */
    labelsIn: number | null;
    mature: boolean;
  }[];
}

const DAY_MS = 86_400_000;
const DEFAULT_RANGE_MS = 60 * DAY_MS;
const MOST_WINDOWS = 500;
const MOST_JUDGED = 200_000;

/** Estimated and realised performance on one line of time. */
export class PerformanceService {
  constructor(
    private readonly record: MonitoringRecord,
    private readonly horizonDays: number,
    private readonly now: () => number,
  ) {}

  /**
   * @param range of windows; the last 60 days by default
   * @throws {Fault} `invalid_request`
   */
  async line(model: string, range: { from?: string | undefined; to?: string | undefined }): Promise<PerformanceLine> {
    const nowMs = this.now();
    const toMs = range.to === undefined ? nowMs : Date.parse(range.to);
    const fromMs = range.from === undefined ? toMs - DEFAULT_RANGE_MS : Date.parse(range.from);
    if (fromMs >= toMs) {
      throw new Fault('invalid_request', {
        detail: 'The range is empty.',
        errors: [{ field: 'to', message: 'must be after from' }],
      });
    }
    const windows = await this.record.windows({
      model,
      afterMs: fromMs,
      untilMs: toMs,
      limit: MOST_WINDOWS,
      omit: LARGE_COUNTS,
    });
    const reachMs = Math.min(fromMs, nowMs - 3 * this.horizonDays * DAY_MS);
    const judged = await this.record.judged({
      model,
      fromMs: reachMs,
      toMs: nowMs,
      knownBeforeMs: nowMs,
      limit: MOST_JUDGED,
    });
    const curve = delayCurve(judged, nowMs, this.horizonDays);
    const versions = windows.filter(({ role }) => role !== 'service') as MonitoringWindow<VersionCounts>[];
    return {
      model,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      delayCurve: curve,
      windows: versions.map((window) => {
        const labelsIn = shareIn(curve, nowMs - window.toMs);
        return {
          bundleVersion: window.bundleVersion,
          role: window.role,
          from: new Date(window.fromMs).toISOString(),
          to: new Date(window.toMs).toISOString(),
          payments: window.payments,
          estimated: window.counts.estimated,
          realised: realisedPerformance([window], judged),
          labelsIn,
          mature: labelsIn !== null && labelsIn >= MATURE_SHARE,
        };
      }),
    };
  }
}
