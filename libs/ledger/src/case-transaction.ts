import type { Pool, PoolClient } from 'pg';
import type { CaseEvent } from './case-row.js';
import { asking } from './outage.js';

/** Who changes cases, and when. */
export interface CaseActor {
  by: string;
  /** Name of the API key; '' for the service itself. */
  caller: string;
  /** Milliseconds since 1970. */
  atMs: number;
}

export type NewCaseEvent = Pick<CaseEvent, 'caseId' | 'kind' | 'before' | 'after'> & { endToEndId?: string };

/**
 * Changes of cases come one after the other: no two take one case, two payments of a person never open two cases, and
 * ids of events are visible in their order, so that who reads on from the last one misses none.
 */
export function changingCases<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return asking(async () => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('vigia cases', 0))");
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  });
}

export async function addCaseEvents(client: PoolClient, events: NewCaseEvent[], actor: CaseActor): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `INSERT INTO case_event (case_id, at, kind, by, caller, end_to_end_id, before, after)
     SELECT e."caseId", $2, e.kind, $3, $4, e."endToEndId", e.before, e.after
     FROM ROWS FROM (jsonb_to_recordset($1::jsonb)
       AS ("caseId" bigint, kind text, "endToEndId" text, before jsonb, after jsonb)) WITH ORDINALITY e ORDER BY ordinality`,
    [JSON.stringify(events), new Date(actor.atMs), actor.by, actor.caller],
  );
}

/** Brings the sums of cases up to date with their payments, and closes those that wait for nothing more. */
export async function refreshCases(client: PoolClient, caseIds: string[], actor: CaseActor): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `WITH sums AS (
       SELECT case_id, count(*) AS payments, count(*) FILTER (WHERE verdict IS NULL) AS pending,
         coalesce(sum(expected_loss_cents) FILTER (WHERE verdict IS NULL), 0) AS loss,
         min(hold_until) FILTER (WHERE hold_end IS NULL) AS due_at
       FROM case_payment WHERE case_id = ANY ($1::bigint[]) GROUP BY case_id),
     before AS (SELECT id, closed_at FROM fraud_case WHERE id = ANY ($1::bigint[]))
     UPDATE fraud_case c SET payments = s.payments, pending = s.pending, expected_loss_cents = s.loss, due_at = s.due_at,
       closed_at = CASE WHEN s.pending = 0 THEN coalesce(c.closed_at, $2) END
     FROM sums s JOIN before b ON b.id = s.case_id WHERE c.id = s.case_id
     RETURNING CASE WHEN b.closed_at IS NULL AND c.closed_at IS NOT NULL THEN c.id END AS id`,
    [caseIds, new Date(actor.atMs)],
  );
  const closed = rows.flatMap(({ id }) => (id === null ? [] : [id]));
  if (closed.length === 0) return;
  await client.query('DELETE FROM case_party WHERE case_id = ANY ($1::bigint[])', [closed]);
  await addCaseEvents(
    client,
    closed.map((caseId) => ({ caseId, kind: 'closed' as const, before: {}, after: {} })),
    actor,
  );
}
