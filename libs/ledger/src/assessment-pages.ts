import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type QueryArrayConfig } from 'pg';
import { asking } from './outage.js';

export interface PageRange {
  /** Of the moments at which payments were accepted, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** Ends the reading with the signal's reason. */
  signal?: AbortSignal;
}

/** Runs a statement and answers rows as arrays. */
export type AskRows = <Row>(text: string, values: unknown[]) => Promise<Row[]>;

/** Few enough that no statement holds the server for long. */
export const PAGE_ROWS = 1_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * Planning over hundreds of partitions takes longer than a page: once is enough. That plan knows no range, and would
 * rather sort the rest of the window for each page than walk the index from where the last page ended.
 */
export const PAGE_PLAN = `SET jit = off; SET plan_cache_mode = force_generic_plan;
  SET max_parallel_workers_per_gather = 0; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off`;

/**
 * Payments of a range in pages, in the order of acceptance, over a connection of its own that cannot write. It rests
 * after each page for as long as the page took, so that scoring keeps at least half of what this would use. Rows that a
 * spool brings in behind the reader's place are missing: end the range some minutes ago.
 * @param statement answers up to {@link PAGE_ROWS} rows from $1 to $2 behind the id $3; each begins with time and id
 * @throws {Fault} `dependency_unavailable` when PostgreSQL is away or goes away
 */
export async function* assessmentPages<Row extends [Date, string, ...unknown[]], T>(
  url: string,
  statement: string,
  { fromMs, toMs, signal }: PageRange,
  read: (rows: Row[], ask: AskRows) => Promise<T[]>,
): AsyncGenerator<T[], void, undefined> {
  signal?.throwIfAborted();
  const client = new Client({
    connectionString: url,
    application_name: 'vigia ledger monitoring',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: STATEMENT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  // Without a listener a connection lost between two pages would end the process; the next page says so.
  client.on('error', () => undefined);
  const ask: AskRows = async <Answer>(text: string, values: unknown[]): Promise<Answer[]> => {
    const query: QueryArrayConfig = { name: hash('sha1', text), text, values, rowMode: 'array' };
    return (await asking(() => client.query(query))).rows as Answer[];
  };
  try {
    await asking(() => client.connect());
    await asking(() => client.query(`SET default_transaction_read_only = on; ${PAGE_PLAN}`));
    let after: [Date, string] = [new Date(fromMs), ''];
    for (;;) {
      const beganAtMs = performance.now();
      const rows = await ask<Row>(statement, [after[0], new Date(toMs), after[1]]);
      const last = rows.at(-1);
      if (!last) return;
      const page = await read(rows, ask);
      const tookMs = performance.now() - beganAtMs;
      yield page;
      signal?.throwIfAborted();
      if (rows.length < PAGE_ROWS) return;
      after = [last[0], last[1]];
      await sleep(tookMs, undefined, signal ? { signal } : {});
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
