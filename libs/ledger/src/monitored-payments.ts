import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, Degradation } from '@vigia/contracts';
import { Client, type QueryArrayConfig } from 'pg';
import { toVector } from './assessment-query.js';
import { asking } from './outage.js';
import { TRAITS, traitsOf, type PaymentTraits, type TraitsValue } from './payment-traits.js';

export interface MonitoredRange {
  /** Whose scores in shadow are read, too. */
  model: string;
  /** Of the moments at which payments were accepted, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** Ends the reading with the signal's reason. */
  signal?: AbortSignal;
}

/** What monitoring counts of a payment. */
export interface MonitoredPayment {
  endToEndId: string;
  traits: PaymentTraits;
  decision: Decision;
  /** Codes of its reasons: rules that fired, features that weighed. */
  reasons: string[];
  degraded: Degradation[];
  /** Features in the order of the set, NaN = missing; empty when none were computed. */
  vector: Float32Array;
  featureSetHash: string;
  /** Null when no model scored. */
  scored: { model: string; bundleVersion: string; probability: number } | null;
  /** Time from its arrival to the explained decision, µs. */
  latencyUs: number;
  /** By versions of the model that did not decide. */
  shadows: { bundleVersion: string; probability: number }[];
}

/** Few enough that no statement holds the server for long. */
const PAGE_ROWS = 1_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * Planning over hundreds of partitions takes longer than a page: once is enough. That plan knows no range, and would
 * rather sort the rest of the window for each page than walk the index from where the last page ended.
 */
export const PAGE_PLAN = `SET jit = off; SET plan_cache_mode = force_generic_plan;
  SET max_parallel_workers_per_gather = 0; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off`;

export const PAGE = `SELECT accepted_at, end_to_end_id, decision,
    ARRAY(SELECT jsonb_array_elements(reasons) ->> 'code') AS reasons, degraded, vector, feature_set_hash,
    model_name, model_version, probability, timings_us, ${TRAITS}
  FROM assessment WHERE accepted_at >= $1 AND accepted_at < $2 AND (accepted_at, end_to_end_id) > ($1, $3)
  ORDER BY accepted_at, end_to_end_id LIMIT ${PAGE_ROWS}`;

const SHADOWS = `SELECT end_to_end_id, bundle_version, probability FROM shadow_score
  WHERE end_to_end_id = ANY ($1) AND model = $2`;

type PageRow = [
  Date,
  string,
  Decision,
  string[],
  Degradation[],
  Buffer,
  string,
  string | null,
  string | null,
  number | null,
  Record<string, number>,
  TraitsValue,
];

/**
 * The payments of a range in pages, over a connection of its own that cannot write. It rests after each page for as
 * long as the page took, so that scoring keeps at least half of what this would use. Rows that a spool brings in behind
 * the reader's place are missing: end the range some minutes ago.
 * @throws {Fault} `dependency_unavailable` when PostgreSQL is away or goes away
 */
export async function* readMonitoredPayments(
  url: string,
  { model, fromMs, toMs, signal }: MonitoredRange,
): AsyncGenerator<MonitoredPayment[], void, undefined> {
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
  const ask = async <Row>(text: string, values: unknown[]): Promise<Row[]> => {
    const query: QueryArrayConfig = { name: hash('sha1', text), text, values, rowMode: 'array' };
    return (await asking(() => client.query(query))).rows as Row[];
  };
  try {
    await asking(() => client.connect());
    await asking(() => client.query(`SET default_transaction_read_only = on; ${PAGE_PLAN}`));
    let after: [Date, string] = [new Date(fromMs), ''];
    for (;;) {
      const beganAtMs = performance.now();
      const rows = await ask<PageRow>(PAGE, [after[0], new Date(toMs), after[1]]);
      const last = rows.at(-1);
      if (!last) return;
      const ids = rows.map(([, endToEndId]) => endToEndId);
      const shadows = Map.groupBy(await ask<[string, string, number]>(SHADOWS, [ids, model]), ([id]) => id);
      const tookMs = performance.now() - beganAtMs;
      yield rows.map((row) => toPayment(row, shadows.get(row[1]) ?? []));
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

function toPayment(row: PageRow, shadows: [string, string, number][]): MonitoredPayment {
  const [acceptedAt, endToEndId, decision, reasons, degraded, vector, featureSetHash, ...rest] = row;
  const [model, version, probability, timings, traits] = rest;
  return {
    endToEndId,
    traits: traitsOf(acceptedAt, traits),
    decision,
    reasons,
    degraded,
    vector: toVector(vector),
    featureSetHash,
    scored: model === null || probability === null ? null : { model, bundleVersion: version ?? '', probability },
    latencyUs: Object.values(timings).reduce((sum, us) => sum + us, 0),
    shadows: shadows.map(([, bundleVersion, score]) => ({ bundleVersion, probability: score })),
  };
}
