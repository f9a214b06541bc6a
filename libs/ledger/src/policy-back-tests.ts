import type { Pool } from 'pg';

/** What a back-test came to. */
export interface PolicyBackTest {
  /** The job that ran it; a job repeated after a crash counts once. */
  jobId: string;
  policy: string;
  version: string;
  report: unknown;
}

export type RecordedBackTest = PolicyBackTest & { endedAt: string };

interface Row {
  job_id: string;
  policy: string;
  version: string;
  report: unknown;
  ended_at: Date;
}

export async function recordBackTest(pool: Pool, { jobId, policy, version, report }: PolicyBackTest): Promise<void> {
  await pool.query(
    'INSERT INTO policy_back_test (job_id, policy, version, report) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [jobId, policy, version, JSON.stringify(report)],
  );
}

/** Newest first. */
export async function backTestsOf(
  pool: Pool,
  policy: string,
  version: string,
  limit: number,
): Promise<RecordedBackTest[]> {
  const { rows } = await pool.query<Row>(
    'SELECT * FROM policy_back_test WHERE policy = $1 AND version = $2 ORDER BY id DESC LIMIT $3',
    [policy, version, limit],
  );
  return rows.map((row) => ({
    jobId: row.job_id,
    policy: row.policy,
    version: row.version,
    report: row.report,
    endedAt: row.ended_at.toISOString(),
  }));
}
