import { HANDBOOK } from '@vigia/features';
import type { OfflineStore } from '@vigia/offline-store';

/** The published name of each feature of the set. */
const PUBLISHED: Record<string, string> = {
  amount: 'TX_AMOUNT',
  during_weekend: 'TX_DURING_WEEKEND',
  during_night: 'TX_DURING_NIGHT',
  ...Object.fromEntries(
    [1, 7, 30].flatMap((days) => [
      [`customer_count_${days}d`, `CUSTOMER_ID_NB_TX_${days}DAY_WINDOW`],
      [`customer_mean_${days}d`, `CUSTOMER_ID_AVG_AMOUNT_${days}DAY_WINDOW`],
      [`terminal_count_${days}d`, `TERMINAL_ID_NB_TX_${days}DAY_WINDOW`],
      [`terminal_fraud_share_${days}d`, `TERMINAL_ID_RISK_${days}DAY_WINDOW`],
    ]),
  ),
};

/** Ours are float32, theirs doubles that were added up in another order: equal within one unit in the last place. */
const RELATIVE = 2 ** -23;

export interface Comparison {
  rows: number;
  /** Rows of which at least one feature is missing or another. */
  different: number;
  /** Those that share customer and second with no other row. */
  unexplained: number;
  /** The first of them: row and features. */
  first: string | null;
}

/**
 * Compares an engine's features with the reference's, row by row.
 * @param computed Parquet with end_to_end_id (the number of the row) and the features of the set
 * @param reference what DuckDB reads the published columns from, with TRANSACTION_ID
 * @param payments Parquet of the relation `payments`
 */
export async function compare(
  store: OfflineStore,
  computed: string,
  reference: string,
  payments: string,
): Promise<Comparison> {
  const names = HANDBOOK.features.map(({ name }) => {
    const equal = `abs(CAST(c.${name} AS DOUBLE) - r.${PUBLISHED[name]!}) <= ${RELATIVE} * abs(r.${PUBLISHED[name]!})`;
    return `CASE WHEN ${equal} THEN '' ELSE ' ${name}' END`;
  });
  const [row] = await store.ask(`
    WITH compared AS (
      SELECT r.TRANSACTION_ID AS id, ${names.join(' || ')} AS features
      FROM ${reference} r LEFT JOIN '${computed}' c ON CAST(c.end_to_end_id AS BIGINT) = r.TRANSACTION_ID
    ), tied AS (
      SELECT CAST(end_to_end_id AS BIGINT) AS id FROM '${payments}'
      QUALIFY count(*) OVER (PARTITION BY payer, accepted_at_ms) > 1
    )
    SELECT count(*), count(*) FILTER (features <> ''),
      count(*) FILTER (features <> '' AND id NOT IN (SELECT id FROM tied)),
      min_by(id || ':' || features, id) FILTER (features <> '' AND id NOT IN (SELECT id FROM tied))
    FROM compared`);
  const [rows, different, unexplained, first] = row!;
  return {
    rows: Number(rows),
    different: Number(different),
    unexplained: Number(unexplained),
    first: first === null ? null : String(first),
  };
}
