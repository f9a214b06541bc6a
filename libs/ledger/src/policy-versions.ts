import type { Pool } from 'pg';

/** A version of a policy: its content, and who made it. */
export interface PolicyVersionRow {
  policy: string;
  /** Digest of graph and settings, as `versionOf` of libs/policy has it. */
  version: string;
  graph: unknown;
  settings: unknown;
  /** `file`: noted by a service that decides by a file. */
  origin: 'draft' | 'file';
  by: string;
  reason: string;
  /** Name of the API key; '' for a service. */
  caller: string;
}

/** Without its content, which may be long. */
export type PolicyVersionSummary = Omit<PolicyVersionRow, 'graph' | 'settings' | 'caller'> & { madeAt: string };

interface SummaryRow {
  policy: string;
  version: string;
  origin: PolicyVersionRow['origin'];
  made_by: string;
  reason: string;
  made_at: Date;
}

const SUMMARY = 'policy, version, origin, made_by, reason, made_at';

/** The same content is kept once, by whoever brought it first. */
export async function keepPolicy(pool: Pool, row: PolicyVersionRow): Promise<'new' | 'known'> {
  const { rowCount } = await pool.query(
    `INSERT INTO policy_version (policy, version, graph, settings, origin, made_by, reason, caller)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
    [
      row.policy,
      row.version,
      JSON.stringify(row.graph),
      JSON.stringify(row.settings),
      row.origin,
      row.by,
      row.reason,
      row.caller,
    ],
  );
  return rowCount === 1 ? 'new' : 'known';
}

export async function policyContent(
  pool: Pool,
  policy: string,
  version: string,
): Promise<(PolicyVersionSummary & { graph: unknown; settings: unknown }) | null> {
  const { rows } = await pool.query<SummaryRow & { graph: unknown; settings: unknown }>(
    `SELECT ${SUMMARY}, graph, settings FROM policy_version WHERE policy = $1 AND version = $2`,
    [policy, version],
  );
  const [row] = rows;
  return row ? { ...summaryOf(row), graph: row.graph, settings: row.settings } : null;
}

/** Newest first. */
export async function policyVersions(pool: Pool, policy: string, limit: number): Promise<PolicyVersionSummary[]> {
  const { rows } = await pool.query<SummaryRow>(
    `SELECT ${SUMMARY} FROM policy_version WHERE policy = $1 ORDER BY made_at DESC, version LIMIT $2`,
    [policy, limit],
  );
  return rows.map(summaryOf);
}

function summaryOf(row: SummaryRow): PolicyVersionSummary {
  return {
    policy: row.policy,
    version: row.version,
    origin: row.origin,
    by: row.made_by,
    reason: row.reason,
    madeAt: row.made_at.toISOString(),
  };
}
