import type { ModelChange } from '@vigia/contracts';
import type { Pool, PoolClient } from 'pg';
import type { AssessmentRow } from './assessment-row.js';
import { asking } from './outage.js';

export type NewModelChange = Omit<ModelChange, 'changedAt'>;

interface Recorded {
  change: ModelChange;
  isNew: boolean;
}

interface ChangeRow {
  model: string;
  kind: ModelChange['kind'];
  from_version: string | null;
  from_bundle_version: string | null;
  to_version: string;
  to_bundle_version: string;
  changed_by: string;
  reason: string;
  overridden: string[];
  job_id: string;
  changed_at: Date;
}

/** What `apply` throws is thrown as it is. */
export async function changeModel(
  pool: Pool,
  change: NewModelChange,
  apply: () => Promise<void>,
): Promise<ModelChange> {
  const client = await asking(() => pool.connect());
  try {
    const recorded = await asking(() => record(client, change));
    if (recorded.isNew) await apply();
    await asking(() => client.query('COMMIT'));
    return recorded.change;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function record(client: PoolClient, change: NewModelChange): Promise<Recorded> {
  await client.query('BEGIN');
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('vigia model ' || $1, 0))", [change.model]);
  return (await recordedBy(client, change.jobId)) ?? (await insert(client, change));
}

export async function modelChanges(pool: Pool, model: string, limit: number): Promise<ModelChange[]> {
  const { rows } = await pool.query<ChangeRow>(
    'SELECT * FROM model_change WHERE model = $1 ORDER BY changed_at DESC, id DESC LIMIT $2',
    [model, limit],
  );
  return rows.map(changeOf);
}

export async function changeBehind(
  pool: Pool,
  { model, decidedAtMs }: Pick<AssessmentRow, 'model' | 'decidedAtMs'>,
): Promise<ModelChange | null> {
  if (model === null) return null;
  const { rows } = await pool.query<ChangeRow>(
    `SELECT * FROM model_change WHERE model = $1 AND to_bundle_version = $2 AND changed_at <= $3
     ORDER BY changed_at DESC, id DESC LIMIT 1`,
    [model.name, model.version, new Date(decidedAtMs)],
  );
  return rows[0] ? changeOf(rows[0]) : null;
}

async function recordedBy(client: PoolClient, jobId: string): Promise<Recorded | null> {
  const { rows } = await client.query<ChangeRow>('SELECT * FROM model_change WHERE job_id = $1', [jobId]);
  return rows[0] ? { change: changeOf(rows[0]), isNew: false } : null;
}

async function insert(client: PoolClient, change: NewModelChange): Promise<Recorded> {
  const { model, kind, from, to, by, reason, overridden, jobId } = change;
  const { rows } = await client.query<ChangeRow>(
    `INSERT INTO model_change (model, kind, from_version, from_bundle_version, to_version, to_bundle_version,
       changed_by, reason, overridden, job_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *`,
    [
      model,
      kind,
      from?.version ?? null,
      from?.bundleVersion ?? null,
      to.version,
      to.bundleVersion,
      by,
      reason,
      overridden,
      jobId,
    ],
  );
  return { change: changeOf(rows[0]!), isNew: true };
}

function changeOf(row: ChangeRow): ModelChange {
  return {
    model: row.model,
    kind: row.kind,
    from:
      row.from_version === null ? null : { version: row.from_version, bundleVersion: row.from_bundle_version ?? '' },
    to: { version: row.to_version, bundleVersion: row.to_bundle_version },
    by: row.changed_by,
    reason: row.reason,
    overridden: row.overridden,
    jobId: row.job_id,
    changedAt: row.changed_at.toISOString(),
  };
}
