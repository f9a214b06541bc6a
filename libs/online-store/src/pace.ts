import { setTimeout as sleep } from 'node:timers/promises';

/** What was missed in the last time is made up for this long. */
const SLACK_MS = 100;

/** Holds work to a rate. */
export class Pace {
  private dueMs = 0;

  constructor(private readonly perSecond: number) {}

  /** Waits as long as this many units, which were just done, may take; rejects with the signal's reason. */
  async rest(units: number, signal?: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    this.dueMs = Math.max(this.dueMs, nowMs - SLACK_MS) + (units * 1_000) / this.perSecond;
    if (this.dueMs > nowMs) await restMs(this.dueMs - nowMs, signal);
  }
}

/** Resolves after the time, or rejects with the signal's reason. */
export async function restMs(timeMs: number, signal?: AbortSignal): Promise<void> {
  await sleep(timeMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
}
