import { Fault, type PolicyChange } from '@vigia/contracts';
import type { Pool, PoolClient } from 'pg';

/** A change that somebody asks for; `from` follows from the record. */
export type NewPolicyChange = Omit<PolicyChange, 'from' | 'changedAt' | 'overridden'> & {
  /** Name of the API key. */
  caller: string;
  /** What the asker believes is published; undefined where it does not matter. */
  expected?: string | null;
  /** Whether a version without a back-test may be published. */
  override: boolean;
};

/** What a service is to decide by; null for nothing. */
export interface NamedPolicies {
  live: string | null;
  shadow: string | null;
}

interface ChangeRow {
  policy: string;
  kind: PolicyChange['kind'];
  from_version: string | null;
  to_version: string | null;
  changed_by: string;
  reason: string;
  overridden: string[];
  changed_at: Date;
}

export async function namedPolicies(asked: Pool | PoolClient, policy: string): Promise<NamedPolicies> {
  const { rows } = await asked.query<{ kind: PolicyChange['kind']; to_version: string | null }>(
    `SELECT DISTINCT ON (kind) kind, to_version FROM policy_change WHERE policy = $1 ORDER BY kind, id DESC`,
    [policy],
  );
  const named = new Map(rows.map((row) => [row.kind, row.to_version]));
  return { live: named.get('publish') ?? null, shadow: named.get('shadow') ?? null };
}

/** Newest first. */
export async function policyChanges(pool: Pool, policy: string, limit: number): Promise<PolicyChange[]> {
  const { rows } = await pool.query<ChangeRow>(
    'SELECT * FROM policy_change WHERE policy = $1 ORDER BY id DESC LIMIT $2',
    [policy, limit],
  );
  return rows.map(changeOf);
}

/**
 * Notes what decides from now on, or decides in shadow; changes of one policy come one after the other.
 * @throws {Fault} `not_found`, `published_meanwhile`, `policy_not_tested`
 */
export async function changePolicy(pool: Pool, change: NewPolicyChange): Promise<PolicyChange> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('vigia policy ' || $1, 0))", [change.policy]);
    const recorded = await record(client, change);
    await client.query('COMMIT');
    return recorded;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function record(client: PoolClient, change: NewPolicyChange): Promise<PolicyChange> {
  const { policy, kind, to, by, reason, caller } = change;
  const named = await namedPolicies(client, policy);
  const { tested, published } = await knownOf(client, policy, to);
  if (kind === 'publish') requireExpected(change.expected, named.live);
  const objections = kind === 'publish' && !tested && !published ? ['no back-test of the version'] : [];
  if (objections.length > 0 && !change.override) {
    throw new Fault('policy_not_tested', {
      detail: `Nobody back-tested version ${to} of policy ${policy}. Do so first, or publish it by override: it stands in the record.`,
    });
  }
  const { rows } = await client.query<ChangeRow>(
    `INSERT INTO policy_change (policy, kind, from_version, to_version, changed_by, reason, caller, overridden)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *`,
    [policy, kind, kind === 'publish' ? named.live : named.shadow, to, by, reason, caller, objections],
  );
  return changeOf(rows[0]!);
}

/** Whether the version was back-tested, and whether it decided before. */
async function knownOf(
  client: PoolClient,
  policy: string,
  version: string | null,
): Promise<{ tested: boolean; published: boolean }> {
  if (version === null) return { tested: false, published: false };
  const { rows } = await client.query<{ tested: boolean; published: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM policy_back_test b WHERE b.policy = v.policy AND b.version = v.version) AS tested,
       origin = 'file' OR EXISTS (SELECT 1 FROM policy_change c
         WHERE c.policy = v.policy AND c.to_version = v.version AND kind = 'publish') AS published
     FROM policy_version v WHERE policy = $1 AND version = $2`,
    [policy, version],
  );
  if (rows[0]) return rows[0];
  throw new Fault('not_found', {
    detail: `Policy ${policy} has no version ${version}. Draft it first.`,
    errors: [{ field: 'version', message: 'is no version of this policy' }],
  });
}

function requireExpected(expected: string | null | undefined, live: string | null): void {
  if (expected === undefined || expected === live) return;
  throw new Fault('published_meanwhile', {
    detail: `Published is ${live ?? 'no version'}, not ${expected ?? 'none'}. Look at what it changed, and ask again.`,
    errors: [{ field: 'from', message: `is not what is published now: ${live ?? 'null'}` }],
  });
}

function changeOf(row: ChangeRow): PolicyChange {
  return {
    policy: row.policy,
    kind: row.kind,
    from: row.from_version,
    to: row.to_version,
    by: row.changed_by,
    reason: row.reason,
    overridden: row.overridden,
    changedAt: row.changed_at.toISOString(),
  };
}
