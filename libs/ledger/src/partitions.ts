import type { PoolClient } from 'pg';
import { dayName, epochDay } from './day.js';
import { SCHEMA_LOCK } from './migrate.js';

const MAX_DAYS = 3_660;

/**
 * Makes the missing partitions of `assessment` for the days `fromDay` to `toDay` (`2026-11-20`, both included) and moves
 * what the default partition holds of them. Answers the days it made. Writers go on; those of the default partition wait.
 */
export async function ensurePartitions(client: PoolClient, fromDay: string, toDay: string): Promise<string[]> {
  const [from, to] = [epochDay(fromDay), epochDay(toDay)];
  if (to - from >= MAX_DAYS) throw new RangeError(`${fromDay} to ${toDay} is more than ${MAX_DAYS} days`);
  const made: string[] = [];
  for (let day = from; day <= to; day++) {
    if (await addPartition(client, day)) made.push(dayName(day));
  }
  return made;
}

/**
 * A table is filled and then attached: CREATE TABLE ... PARTITION OF would shut out every reader and writer of
 * `assessment`, and is refused when the default partition holds rows of the day. Rows of two kilobytes stay whole:
 * compressing each costs a sixth of its insertion.
 */
async function addPartition(client: PoolClient, day: number): Promise<boolean> {
  const name = `assessment_${dayName(day).replaceAll('-', '')}`;
  const [begin, end] = [dayName(day), dayName(day + 1)];
  await client.query('BEGIN');
  try {
    // Waiting for a lock makes others wait behind it: rather give up and be called again.
    await client.query("SET LOCAL lock_timeout = '5s'");
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    const { rows } = await client.query('SELECT to_regclass($1) IS NULL AS missing', [name]);
    const missing = (rows[0] as { missing: boolean }).missing;
    if (missing) {
      await client.query(`
        LOCK TABLE assessment_default IN ACCESS EXCLUSIVE MODE;
        CREATE TABLE ${name} (LIKE assessment INCLUDING ALL) WITH (toast_tuple_target = 8160);
        WITH moved AS (DELETE FROM assessment_default WHERE day = '${begin}' RETURNING *)
          INSERT INTO ${name} SELECT * FROM moved;
        ALTER TABLE assessment ATTACH PARTITION ${name} FOR VALUES FROM ('${begin}') TO ('${end}');`);
    }
    await client.query('COMMIT');
    return missing;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
