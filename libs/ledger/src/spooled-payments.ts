import type { PseudonymousPayment } from '@vigia/contracts';
import type { Pool } from 'pg';
import type { HistoryPayment } from './history.js';

const PAGE_ROWS = 2_000;

/**
 * Payments that waited on a disk while PostgreSQL was away and arrived in [fromUs, toUs), µs since 1970, in that order:
 * who read the history before they came in has not seen them.
 */
export async function* spooledPayments(
  pool: Pool,
  { fromUs, toUs }: { fromUs: number; toUs: number },
): AsyncGenerator<HistoryPayment, void, undefined> {
  let [arrivedUs, endToEndId] = [fromUs, ''];
  for (;;) {
    const { rows } = await pool.query<{ arrived: string; id: string; payment: PseudonymousPayment; degraded: boolean }>(
      `SELECT arrived_us AS arrived, end_to_end_id AS id, payment, 'features' = ANY (degraded) AS degraded
       FROM assessment
       WHERE 'ledger' = ANY (degraded) AND (arrived_us, end_to_end_id) > ($1::bigint, $2) AND arrived_us < $3::bigint
       ORDER BY arrived_us, end_to_end_id LIMIT ${PAGE_ROWS}`,
      [arrivedUs, endToEndId, toUs],
    );
    for (const { arrived, id, payment, degraded } of rows)
      yield { kind: 'payment', arrivedUs: Number(arrived), endToEndId: id, payment, degraded };
    if (rows.length < PAGE_ROWS) return;
    [arrivedUs, endToEndId] = [Number(rows.at(-1)!.arrived), rows.at(-1)!.id];
  }
}
