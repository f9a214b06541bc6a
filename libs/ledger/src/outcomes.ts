import { Fault, type Outcome } from '@vigia/contracts';
import { sql, type Kysely, type Selectable } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { assessmentsById } from './assessment-query.js';
import type { Database, OutcomeTable } from './database.js';

/** An outcome as recorded. `id` grows in the order of recording. */
export interface OutcomeRow extends Outcome {
  id: string;
  recordedAtMs: number;
  caller: string;
}

/**
 * Adds an outcome; the same one said again changes nothing.
 * @throws Fault `unknown_payment`, `outcome_before_payment`
 */
export async function recordOutcome(
  database: Kysely<Database>,
  pool: Pool,
  outcome: Outcome,
  recording: { caller: string; recordedAtMs: number },
): Promise<'new' | 'repeated'> {
  const [assessment] = await assessmentsById(database, [outcome.endToEndId]);
  if (!assessment) {
    throw new Fault('unknown_payment', { detail: `no assessment of ${outcome.endToEndId} is in the ledger` });
  }
  if (Date.parse(outcome.knownAt) < assessment.acceptedAtMs) {
    throw new Fault('outcome_before_payment', {
      detail: `knownAt ${outcome.knownAt} is before the payment's ${new Date(assessment.acceptedAtMs).toISOString()}`,
    });
  }
  return insertOutcome(pool, outcome, recording);
}

/** Without looking for its payment; in the caller's transaction where `client` is in one. */
export async function insertOutcome(
  client: Pick<Pool | PoolClient, 'query'>,
  outcome: Outcome,
  recording: { caller: string; recordedAtMs: number },
): Promise<'new' | 'repeated'> {
  const { rowCount } = await client.query(
    `INSERT INTO outcome (end_to_end_id, source, result, situation, fraud_marker, report_id, known_at, recorded_at, caller)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT ON CONSTRAINT outcome_said_once DO NOTHING`,
    [
      outcome.endToEndId,
      outcome.source,
      outcome.result,
      outcome.situation,
      outcome.fraudMarker ?? null,
      outcome.reportId ?? null,
      new Date(outcome.knownAt),
      new Date(recording.recordedAtMs),
      recording.caller,
    ],
  );
  return rowCount === 1 ? 'new' : 'repeated';
}

/** What became known of these payments, in the order in which it became known. */
export async function outcomesOf(database: Kysely<Database>, endToEndIds: string[]): Promise<OutcomeRow[]> {
  const rows = await database
    .selectFrom('outcome')
    .selectAll()
    .where('end_to_end_id', '=', sql<string>`any(${endToEndIds})`)
    .orderBy('known_at')
    .orderBy('id')
    .execute();
  return rows.map(toOutcome);
}

function toOutcome(row: Selectable<OutcomeTable>): OutcomeRow {
  return {
    id: row.id,
    endToEndId: row.end_to_end_id,
    source: row.source,
    result: row.result,
    situation: row.situation,
    ...(row.fraud_marker === null ? {} : { fraudMarker: row.fraud_marker }),
    ...(row.report_id === null ? {} : { reportId: row.report_id }),
    knownAt: row.known_at.toISOString(),
    recordedAtMs: row.recorded_at.getTime(),
    caller: row.caller,
  };
}
