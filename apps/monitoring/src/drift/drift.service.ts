import { Fault } from '@vigia/contracts';
import type { MonitoredRole, MonitoringRecord, SignalVerdict } from '@vigia/ledger';
import { LARGE_COUNTS } from '../window/version-counts.js';

export interface Drift {
  model: string;
  from: string;
  to: string;
  subjects: {
    /** '' for all payments of the service. */
    bundleVersion: string;
    role: MonitoredRole;
    payments: number;
    signals: Omit<SignalVerdict, 'good'>[];
  }[];
}

const NEWEST = 50;

/** What the last window came to. */
export class DriftService {
  constructor(
    private readonly record: MonitoringRecord,
    private readonly now: () => number,
  ) {}

  /** @throws {Fault} `not_found` where no window was monitored yet */
  async last(model: string): Promise<Drift> {
    const windows = await this.record.windows({ model, untilMs: this.now(), limit: NEWEST, omit: LARGE_COUNTS });
    const newest = windows[0];
    if (!newest) throw nothingYet(model);
    const { fromMs, toMs } = newest;
    const subjects = windows
      .filter((window) => window.fromMs === fromMs && window.toMs === toMs)
      .map(({ bundleVersion, role, payments, verdicts }) => ({
        bundleVersion,
        role,
        payments,
        signals: verdicts.map(shownOf),
      }));
    return { model, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), subjects };
  }
}

function shownOf(verdict: SignalVerdict): Omit<SignalVerdict, 'good'> {
  const { signal, kind, state, alarmed, streak, value, numbers, reason } = verdict;
  return { signal, kind, state, alarmed, streak, value, numbers, reason };
}

function nothingYet(model: string): Fault {
  return new Fault('not_found', {
    detail: `No window of ${model} was monitored yet; POST /v1/monitoring-runs starts one.`,
    errors: [{ field: 'name', message: 'has no window' }],
  });
}
