import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { MIGRATIONS } from './migrations.js';

/** Holders of this advisory lock change the schema, one at a time. */
export const SCHEMA_LOCK = 7_166_142_531;

/**
 * Brings the database at `url` to this version's schema and answers the names of the migrations it applied. May run
 * again, and in several processes at once. Throws when an applied migration differs from the one of the same name here.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [SCHEMA_LOCK]);
    await client.query(`CREATE TABLE IF NOT EXISTS ledger_migration (
      name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const { rows } = await client.query<{ name: string; digest: string }>('SELECT name, digest FROM ledger_migration');
    return await applyMissing(client, new Map(rows.map((row) => [row.name, row.digest])));
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}

async function applyMissing(client: Client, applied: Map<string, string>): Promise<string[]> {
  const added: string[] = [];
  for (const { name, sql } of MIGRATIONS) {
    const digest = createHash('sha256').update(sql).digest('hex');
    const before = applied.get(name);
    if (before !== undefined && before !== digest) {
      throw new Error(`migration ${name} was applied with other content; restore its text and add a new migration`);
    }
    if (before !== undefined) continue;
    await client.query('BEGIN');
    try {
      await client.query(sql);
      await client.query('INSERT INTO ledger_migration (name, digest) VALUES ($1, $2)', [name, digest]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
    added.push(name);
  }
  return added;
}
