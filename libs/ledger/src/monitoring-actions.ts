import type { TrainingCause } from '@vigia/contracts';
import type { Pool } from 'pg';

/** What monitoring asked the queues for because of an alert. */
export interface MonitoringAction {
  alertId: string;
  kind: 'retrain' | 'rollback';
  model: string;
  jobId: string;
  cause: TrainingCause;
  /** What the first job was asked for: said again, it is the same job. */
  request: Record<string, unknown>;
  askedAtMs: number;
  /** When the job that follows was asked for; null where that is still to come. */
  followedAtMs: number | null;
  failure: string | null;
}

export interface ActionLimits {
  /** Time since the last one of the kind for the model. */
  coolDownMs: number;
  /** Most of the kind for the model in `periodMs`. */
  budget: number;
  periodMs: number;
}

interface ActionRow {
  alert_id: string;
  kind: MonitoringAction['kind'];
  model: string;
  job_id: string;
  cause: TrainingCause;
  request: Record<string, unknown>;
  asked_at: Date;
  followed_at: Date | null;
  failure: string | null;
}

/**
 * Notes that a job is asked for, once an alert and within the limits. Null where the alert had its own before, the last
 * one is too young or the budget is used up. Two processes that ask at once wait for each other.
 */
export async function claimAction(
  pool: Pool,
  action: Omit<MonitoringAction, 'followedAtMs' | 'failure'>,
  limits: ActionLimits,
): Promise<MonitoringAction | null> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('vigia monitoring ' || $1, 0))", [action.model]);
    const { rows } = await client.query<ActionRow>(
      `INSERT INTO monitoring_action (alert_id, kind, model, job_id, cause, request, asked_at)
       SELECT $1, $2, $3, $4, $5, $6, $7
       WHERE NOT EXISTS (SELECT FROM monitoring_action WHERE model = $3 AND kind = $2 AND asked_at > $8)
         AND (SELECT count(*) FROM monitoring_action WHERE model = $3 AND kind = $2 AND asked_at > $9) < $10
       ON CONFLICT DO NOTHING RETURNING *`,
      [
        action.alertId,
        action.kind,
        action.model,
        action.jobId,
        JSON.stringify(action.cause),
        JSON.stringify(action.request),
        new Date(action.askedAtMs),
        new Date(action.askedAtMs - limits.coolDownMs),
        new Date(action.askedAtMs - limits.periodMs),
        limits.budget,
      ],
    );
    await client.query('COMMIT');
    return rows[0] ? actionOf(rows[0]) : null;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** Those whose following job is still to be asked for, oldest first. */
export async function openActions(pool: Pool): Promise<MonitoringAction[]> {
  const { rows } = await pool.query<ActionRow>(
    'SELECT * FROM monitoring_action WHERE followed_at IS NULL AND failure IS NULL ORDER BY asked_at',
  );
  return rows.map(actionOf);
}

/** The job that follows was asked for, or cannot be. */
export async function endAction(
  pool: Pool,
  { alertId, kind }: Pick<MonitoringAction, 'alertId' | 'kind'>,
  end: { followedAtMs: number } | { failure: string },
): Promise<void> {
  await pool.query('UPDATE monitoring_action SET followed_at = $3, failure = $4 WHERE alert_id = $1 AND kind = $2', [
    alertId,
    kind,
    'followedAtMs' in end ? new Date(end.followedAtMs) : null,
    'failure' in end ? end.failure : null,
  ]);
}

/** By alert. */
export async function actionsOf(pool: Pool, alertIds: string[]): Promise<MonitoringAction[]> {
  const { rows } = await pool.query<ActionRow>(
    'SELECT * FROM monitoring_action WHERE alert_id = ANY ($1::bigint[]) ORDER BY asked_at',
    [alertIds],
  );
  return rows.map(actionOf);
}

function actionOf(row: ActionRow): MonitoringAction {
  return {
    alertId: row.alert_id,
    kind: row.kind,
    model: row.model,
    jobId: row.job_id,
    cause: row.cause,
    request: row.request,
    askedAtMs: row.asked_at.getTime(),
    followedAtMs: row.followed_at?.getTime() ?? null,
    failure: row.failure,
  };
}
