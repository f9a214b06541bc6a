import type { JobPayload } from '@vigia/contracts';

/** How long after its end a window is read: by then its records are committed, short outages of PostgreSQL included. */
const SETTLED_MS = 300_000;

/**
 * The window of a run that was scheduled for this moment: the last whole stretch of `everyMs` that is settled.
 * Stretches lie on a fixed grid, so that none is left out when the service starts anew.
 */
export function monitorPayload(model: string, everyMs: number, atMs: number): JobPayload<'monitor'> {
  const toMs = Math.floor((atMs - SETTLED_MS) / everyMs) * everyMs;
  return { model, from: new Date(toMs - everyMs).toISOString(), to: new Date(toMs).toISOString() };
}
