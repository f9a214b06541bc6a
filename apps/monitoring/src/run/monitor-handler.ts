import { Fault, type JobHandler } from '@vigia/contracts';
import { WindowRun, type MonitorParts, type Subject, type Window } from './monitor-window.js';

export interface MonitorResult {
  /** The window that was asked for, behind those that earlier runs left out. */
  windows: {
    from: string;
    to: string;
    /** Null where the window was on record already. */
    subjects: Subject[] | null;
  }[];
}

/** Windows that a run makes good for, at most: those that were left out while the service or MLflow was away. */
const MOST_LEFT_OUT = 14;

/** Runs the window of a job, and before it those between it and the last one on record: verdicts follow in time. */
export function monitorHandler(
  parts: MonitorParts & { ended: () => Promise<void> },
): JobHandler<'monitor', MonitorResult> {
  return async ({ model, from, to }, { progress, signal }) => {
    const asked = { model, fromMs: Date.parse(from), toMs: Date.parse(to) };
    if (asked.toMs <= asked.fromMs) {
      throw new Fault('invalid_request', {
        detail: 'The window is empty.',
        errors: [{ field: 'to', message: 'must be after from' }],
      });
    }
    const windows = leftOut(asked, await parts.ledger.monitoring.monitoredUntil(model));
    const result: MonitorResult = { windows: [] };
    for (const [index, window] of windows.entries()) {
      const span = `${new Date(window.fromMs).toISOString()} to ${new Date(window.toMs).toISOString()}`;
      const run = new WindowRun(parts, window, signal);
      const subjects = await run.run(
        (payments) => void progress(index / windows.length, `${span}: ${payments} payments`),
      );
      result.windows.push({
        from: new Date(window.fromMs).toISOString(),
        to: new Date(window.toMs).toISOString(),
        subjects,
      });
    }
    await parts.ended();
    void progress(1, 'done');
    return result;
  };
}

/** Windows of the same length that lie between the last one on record and this one, and this one. */
export function leftOut(asked: Window, untilMs: number | null): Window[] {
  const lengthMs = asked.toMs - asked.fromMs;
  const gap = untilMs === null ? 0 : Math.floor((asked.fromMs - untilMs) / lengthMs);
  const missing = Math.min(Math.max(0, gap), MOST_LEFT_OUT);
  return Array.from({ length: missing + 1 }, (_, index) => {
    const backMs = (missing - index) * lengthMs;
    return { ...asked, fromMs: asked.fromMs - backMs, toMs: asked.toMs - backMs };
  });
}
