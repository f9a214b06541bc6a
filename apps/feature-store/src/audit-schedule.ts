import type { JobPayload } from '@vigia/contracts';

/** How long after its end a range is audited: by then its records are committed, the spool's short outages included. */
const SETTLED_MS = 60_000;

/**
 * The range of an audit that was scheduled for this moment: the last whole stretch of `everyMs` that is settled.
 * Stretches lie on a fixed grid, so that none is left out when the service starts anew.
 */
export function auditPayload(featureSet: string, everyMs: number, atMs: number): JobPayload<'audit'> {
  const toMs = Math.floor((atMs - SETTLED_MS) / everyMs) * everyMs;
  return { featureSet, from: new Date(toMs - everyMs).toISOString(), to: new Date(toMs).toISOString() };
}
