import type { PseudonymousPayment } from '@vigia/contracts';
import type { EntityRead } from './assessment-row.js';
import { toVector } from './assessment-query.js';
import { dayName, epochDayInside } from './day.js';
import type { HistoryLabel, HistoryPayment, HistoryRange, ServedPayment } from './history.js';

/** Runs a statement and answers rows as arrays. */
export type Ask = (text: string, values?: unknown[]) => Promise<unknown[][]>;

/** Rows of a page: some 10 MB in this process. */
const PAGE_ROWS = 2_000;
const FIRST_SLICE_US = 60_000_000;

/** What orders payments, and which of them lie in the slice from $1 to $2. */
interface Arrival {
  expression: string;
  inSlice: string;
}

const KEPT: Arrival = {
  expression: 'arrived_us',
  inSlice: 'arrived_us >= $1::bigint AND arrived_us < $2::bigint AND arrived_us <> 0',
};

/** Rows from before arrivals were kept have 0 and go by their decision's time. Both conditions are the BRIN index's. */
const WITH_OLD_ROWS: Arrival = {
  expression: 'CASE arrived_us WHEN 0 THEN (extract(epoch FROM decided_at) * 1000000)::bigint ELSE arrived_us END',
  inSlice: `(${KEPT.inSlice}
    OR arrived_us = 0 AND decided_at >= timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
                      AND decided_at < timestamptz 'epoch' + $2::bigint * interval '1 microsecond')`,
};

const PAYMENT_COLUMNS = `end_to_end_id, payment, 'features' = ANY (degraded)`;
const SERVED_COLUMNS = `${PAYMENT_COLUMNS}, vector, effective, feature_set_hash`;

export function paymentPages(ask: Ask, range: HistoryRange): AsyncGenerator<HistoryPayment[]> {
  return pages(ask, range, PAYMENT_COLUMNS, toPayment);
}

export function servedPaymentPages(ask: Ask, range: HistoryRange): AsyncGenerator<ServedPayment[]> {
  return pages(ask, range, SERVED_COLUMNS, (row) => {
    const [vector, effective, featureSetHash] = row.slice(4) as [Buffer, Record<string, EntityRead>, string];
    return { ...toPayment(row), vector: toVector(vector), effective, featureSetHash };
  });
}

/**
 * The index knows which pages of the table may hold a slice of time, not an order: slices are made as long as about a
 * page of rows, and what lies in one is sorted.
 */
async function* pages<P extends HistoryPayment>(
  ask: Ask,
  { fromUs, toUs }: HistoryRange,
  columns: string,
  read: (row: unknown[]) => P,
): AsyncGenerator<P[]> {
  const hasOldRows = (await ask('SELECT 1 FROM assessment WHERE arrived_us = 0 LIMIT 1')).length > 0;
  const { expression, inSlice } = hasOldRows ? WITH_OLD_ROWS : KEPT;
  const statement = `SELECT ${expression} AS arrival, ${columns} FROM assessment
    WHERE ${inSlice} AND (${expression}, end_to_end_id) > ($1::bigint, $3)
    ORDER BY arrival, end_to_end_id LIMIT ${PAGE_ROWS}`;
  let lengthUs = FIRST_SLICE_US;
  let slice = await nextSlice(ask, inSlice, { fromUs, toUs }, lengthUs);
  let after = '';
  while (slice) {
    const { fromUs: sliceFromUs, toUs: sliceToUs } = slice;
    const page = (await ask(statement, [sliceFromUs, sliceToUs, after])).map(read);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last && page.length === PAGE_ROWS) {
      // The rest of the slice, and no more of it than such a page again.
      lengthUs = Math.max(1, (last.arrivedUs - page[0]!.arrivedUs) * 0.8);
      slice = sliceOf(last.arrivedUs, lengthUs, toUs);
      after = last.endToEndId;
    } else {
      if (last) lengthUs = Math.max(1, (sliceToUs - sliceFromUs) * Math.min(4, (0.8 * PAGE_ROWS) / page.length));
      const rest = { fromUs: sliceToUs, toUs };
      slice = last ? sliceOf(sliceToUs, lengthUs, toUs) : await nextSlice(ask, inSlice, rest, lengthUs);
      after = '';
    }
  }
}

interface Slice {
  fromUs: number;
  toUs: number;
}

/** At least a microsecond behind `fromUs`, or what follows it would never be reached. */
function sliceOf(fromUs: number, lengthUs: number, endUs: number): Slice | undefined {
  return fromUs < endUs ? { fromUs, toUs: Math.min(endUs, fromUs + Math.max(1, Math.ceil(lengthUs))) } : undefined;
}

/** A slice of at most this length that holds the first row; nothing where there is none. A gap is crossed in strides. */
async function nextSlice(ask: Ask, inSlice: string, rest: Slice, lengthUs: number): Promise<Slice | undefined> {
  const holds = async (slice: Slice): Promise<boolean> =>
    (await ask(`SELECT 1 FROM assessment WHERE ${inSlice} LIMIT 1`, [slice.fromUs, slice.toUs])).length > 0;
  let slice = sliceOf(rest.fromUs, lengthUs, rest.toUs);
  for (let strideUs = lengthUs; slice && !(await holds(slice));) {
    strideUs *= 4;
    slice = sliceOf(slice.toUs, strideUs, rest.toUs);
  }
  while (slice && slice.toUs - slice.fromUs > lengthUs) {
    const middleUs: number = Math.floor((slice.fromUs + slice.toUs) / 2);
    const half: Slice = { fromUs: slice.fromUs, toUs: middleUs };
    slice = (await holds(half)) ? half : { fromUs: middleUs, toUs: slice.toUs };
  }
  return slice;
}

function toPayment(row: unknown[]): HistoryPayment {
  const [arrival, endToEndId, payment, degraded] = row as [string, string, PseudonymousPayment, boolean];
  return { kind: 'payment', arrivedUs: Number(arrival), endToEndId, payment, degraded };
}

/**
 * Of one set ($5): a label that its windows *changed* to proves that until then they did not have it. So what came
 * before, of other sets or of nobody knows when, is left out where the next change is to the same.
 */
const OF_SET = `($5::text IS NULL OR l.fraud IS DISTINCT FROM (
    SELECT next.fraud FROM window_label next
    WHERE next.end_to_end_id = l.end_to_end_id AND next.feature_set_hash = $5 AND next.changed
      AND (next.arrived_us, next.id) > (l.arrived_us, l.id)
    ORDER BY next.arrived_us, next.id LIMIT 1))`;

/** Labels of payments that are no more in the ledger are left out: no window holds them. */
export async function* labelPages(ask: Ask, range: HistoryRange): AsyncGenerator<HistoryLabel[]> {
  let [arrivedUs, id] = [range.fromUs, '0'];
  for (;;) {
    const rows = (await ask(
      `SELECT arrived_us, id, end_to_end_id, fraud, changed FROM window_label l
       WHERE (arrived_us, id) > ($1::bigint, $2::bigint) AND arrived_us < $3::bigint AND ${OF_SET}
       ORDER BY arrived_us, id LIMIT $4`,
      [arrivedUs, id, range.toUs, PAGE_ROWS, range.featureSetHash ?? null],
    )) as [string, string, string, boolean, boolean][];
    const last = rows.at(-1);
    if (!last) return;
    const payments = await paymentsOf(ask, [...new Set(rows.map(([, , endToEndId]) => endToEndId))]);
    yield rows.flatMap(([arrived, , endToEndId, fraud, changed]) => {
      const payment = payments.get(endToEndId);
      return payment ? [{ kind: 'label', arrivedUs: Number(arrived), endToEndId, fraud, changed, payment }] : [];
    });
    if (rows.length < PAGE_ROWS) return;
    [arrivedUs, id] = [Number(last[0]), last[1]];
  }
}

async function paymentsOf(ask: Ask, endToEndIds: string[]): Promise<Map<string, PseudonymousPayment>> {
  const days = endToEndIds.map(epochDayInside);
  // Only the partitions of these days are looked into, where all ids tell theirs.
  const names = days.every((day) => day !== undefined) ? [...new Set(days)].map(dayName) : null;
  const rows = await ask(
    `SELECT end_to_end_id, payment FROM assessment
     WHERE end_to_end_id = ANY ($1) ${names ? 'AND day = ANY ($2::date[])' : ''}`,
    names ? [endToEndIds, names] : [endToEndIds],
  );
  return new Map(rows as [string, PseudonymousPayment][]);
}
