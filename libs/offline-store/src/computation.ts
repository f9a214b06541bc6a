import { featureSql, type FeatureSet } from '@vigia/features';
import type { OfflineStore, Step } from './offline-store.js';

/** Payments that one statement joins with the states of their entities: DuckDB's row group. */
const SLICE = 122_880;
/** Turns of one arrival, see libs/features: a payment touches fewer entities. */
const TURNS = 64;

/**
 * Fills the table `features`: a row per payment, as {@link featureSql} says. Run as one statement, that SQL would hold the
 * joins over all logs at once, and need more memory the longer the history is. So it is cut in two, before `aggregated`:
 * each log's state becomes a table, one after the other; then the payments get theirs, slice by slice in the order of
 * arrival. Either the table is whole afterwards or there is none.
 */
export async function computeFeatures(store: OfflineStore, set: FeatureSet, step: Step): Promise<void> {
  const { states, names, rest } = inParts(featureSql(set, 'duckdb'));
  const slice = (from: unknown, end: unknown): string => {
    const sliced = names.map(
      (name) =>
        `${name} AS (SELECT * FROM all_${name} WHERE turn >= ${String(from)} * ${TURNS} AND turn < ${String(end)} * ${TURNS})`,
    );
    const payments = `payments AS (SELECT * FROM main.payments WHERE arrival >= ${String(from)} AND arrival < ${String(end)})`;
    return `WITH ${[payments, ...sliced].join(',\n')},\n${rest}`;
  };
  const bounds = await boundsOf(store, 'payments');
  const statements = [
    ...names.map((name) => `CREATE OR REPLACE TEMP TABLE all_${name} AS ${states} SELECT * FROM ${name}`),
    `CREATE OR REPLACE TEMP TABLE features AS ${slice(0, 0)}`,
    ...bounds.slice(1).map((end, index) => `INSERT INTO features ${slice(bounds[index], end)}`),
  ];
  try {
    for (const [index, statement] of statements.entries()) {
      const onProgress = (share: number): void => step.onProgress?.((index + share) / statements.length);
      await store.run(statement, { onProgress, ...(step.signal && { signal: step.signal }) });
    }
  } catch (error) {
    await store.drop('features');
    throw error;
  } finally {
    await store.drop(...names.map((name) => `all_${name}`));
  }
}

/** The text up to the states of the logs, their names, and the text from there on, without its `WITH`. */
function inParts(sql: string): { states: string; names: string[]; rest: string } {
  const [states, rest, ...more] = sql.split(',\naggregated AS (');
  if (states === undefined || rest === undefined || more.length > 0) {
    throw new Error('the SQL of the features is of another shape than the offline store knows');
  }
  const names = [...states.matchAll(/^(\w+_state) AS \($/gm)].map((match) => match[1]!);
  return { states, names, rest: `aggregated AS (${rest}` };
}

/**
 * Arrivals at which slices of a table begin, and one after the last. A sort of all wide rows would need the memory that
 * sorts of slices, one after the other, do not.
 */
export async function boundsOf(store: OfflineStore, table: 'payments' | 'features', from = 0): Promise<unknown[]> {
  const rows = await store.ask(`SELECT arrival FROM
    (SELECT arrival, row_number() OVER (ORDER BY arrival) AS n FROM ${table} WHERE arrival >= ${from})
    WHERE n % ${SLICE} = 1 UNION ALL SELECT max(arrival) + 1 FROM ${table} ORDER BY arrival`);
  return rows.map(([arrival]) => arrival);
}
