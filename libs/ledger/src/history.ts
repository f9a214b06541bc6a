import { Fault, type PseudonymousPayment } from '@vigia/contracts';
import { hash } from 'node:crypto';
import { Client, type QueryArrayConfig } from 'pg';
import type { EntityRead } from './assessment-row.js';
import { labelPages, paymentPages, servedPaymentPages, type Ask } from './history-pages.js';
import { asking } from './outage.js';

/** What reached the windows in [fromUs, toUs), µs since 1970, as `arrivedUs` of the rows has it. */
export interface HistoryRange {
  fromUs: number;
  /** Itself outside. */
  toUs: number;
  /**
   * Labels as the windows of this feature set got them. Those that only other sets' windows got come too, unless these
   * windows provably learnt them later. Without it: labels of all sets; saying one again changes nothing.
   */
  featureSetHash?: string;
  /** Ends the reading with the signal's reason. */
  signal?: AbortSignal;
}

export interface HistoryPayment {
  kind: 'payment';
  arrivedUs: number;
  endToEndId: string;
  payment: PseudonymousPayment;
  /** The online store was away: as far as the service knew, the windows did not get it. */
  degraded: boolean;
}

export interface HistoryLabel {
  kind: 'label';
  arrivedUs: number;
  /** Of the payment that is labelled. */
  endToEndId: string;
  fraud: boolean;
  /** False: the windows knew it already, since a moment that nobody wrote down, or do not hold the payment. */
  changed: boolean;
  payment: PseudonymousPayment;
}

export type HistoryEvent = HistoryPayment | HistoryLabel;

/** A payment with what was served for it. */
export interface ServedPayment extends HistoryPayment {
  /** float32 in the order of the set's features, NaN = missing. */
  vector: Float32Array;
  /** Empty when the store was away. */
  effective: Record<string, EntityRead>;
  featureSetHash: string;
}

/** A page, not the reading, has to be answered within this time. */
const STATEMENT_TIMEOUT_MS = 120_000;

/**
 * Payments and labels in the order in which they reached the windows; at equal times payments first, by EndToEndId.
 * Read page by page over a connection of its own, so that millions of rows need little memory and no long transaction;
 * who stops may go on later from the last `arrivedUs`. Rows from before arrivals were kept go by their decision's time.
 * Rows that a spool brings in behind the reader's place are missing: end the range some seconds ago.
 * @throws {Fault} `invalid_request` for a range that ends before it begins, `dependency_unavailable` when PostgreSQL is
 *   away or goes away
 */
export function readHistory(url: string, range: HistoryRange): AsyncGenerator<HistoryEvent, void, undefined> {
  return read(url, range, paymentPages);
}

/** As {@link readHistory}, with what was served for each payment. */
export function readServedHistory(
  url: string,
  range: HistoryRange,
): AsyncGenerator<ServedPayment | HistoryLabel, void, undefined> {
  return read(url, range, servedPaymentPages);
}

async function* read<P extends HistoryPayment>(
  url: string,
  range: HistoryRange,
  pagesOf: (ask: Ask, range: HistoryRange) => AsyncGenerator<P[]>,
): AsyncGenerator<P | HistoryLabel, void, undefined> {
  const { fromUs, toUs, signal } = range;
  if (!(fromUs <= toUs)) throw new Fault('invalid_request', { detail: 'the range ends before it begins' });
  signal?.throwIfAborted();
  const client = new Client({
    connectionString: url,
    application_name: 'vigia ledger history',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: STATEMENT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  // Without a listener a connection lost between two pages would end the process; the next page says so.
  client.on('error', () => undefined);
  const abort = (): void => void client.end().catch(() => undefined);
  const ask: Ask = async (text, values) => {
    try {
      const query: QueryArrayConfig = {
        text,
        rowMode: 'array',
        ...(values ? { name: hash('sha1', text), values } : {}),
      };
      return (await asking(() => client.query<unknown[]>(query))).rows;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  };
  try {
    await asking(() => client.connect());
    signal?.addEventListener('abort', abort);
    await prepare(ask);
    yield* merged(pagesOf(ask, range), labelPages(ask, range), signal);
  } finally {
    signal?.removeEventListener('abort', abort);
    await client.end().catch(() => undefined);
  }
}

/**
 * A page is an index read and a small sort in each partition. Statistics of a fresh partition would speak for reading
 * all of it, planning over hundreds takes longer than reading (33 ms with 94), and the pages of a partition that no
 * vacuum has summarised yet are read each time: they are summarised now, where this role may do that.
 */
async function prepare(ask: Ask): Promise<void> {
  await ask(`SET work_mem = '64MB'; SET jit = off; SET enable_seqscan = off; SET max_parallel_workers_per_gather = 0;
    SET plan_cache_mode = force_generic_plan; SET lock_timeout = '200ms'`);
  const indexes = await ask(`SELECT inhrelid::regclass::text FROM pg_inherits
    WHERE inhparent = 'assessment_in_arrival'::regclass`);
  for (const [name] of indexes) {
    await ask('SELECT brin_summarize_new_values($1::regclass)', [name]).catch((error: unknown) => {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      if (!code || !CANNOT_SUMMARISE.includes(code)) throw error;
    });
  }
  await ask('SET lock_timeout = 0');
}

/** Somebody changes the table now, this role does not own it, this is a replica (before and since PostgreSQL 17). */
const CANNOT_SUMMARISE = ['55P03', '42501', '55000', '25006'];

async function* merged<P extends HistoryPayment>(
  paymentPages: AsyncGenerator<P[]>,
  labelPages: AsyncGenerator<HistoryLabel[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<P | HistoryLabel, void, undefined> {
  const payments = new Ahead(paymentPages);
  const labels = new Ahead(labelPages);
  try {
    for (;;) {
      // Awaits at the ends of pages only.
      const payment = payments.head ?? (await payments.next());
      const label = labels.head ?? (await labels.next());
      signal?.throwIfAborted();
      if (!payment && !label) return;
      if (payment && !(label && label.arrivedUs < payment.arrivedUs)) {
        payments.take();
        yield payment;
      } else {
        labels.take();
        yield label!;
      }
    }
  } finally {
    await Promise.all([payments.close(), labels.close()]);
  }
}

/** Rows of pages one by one; the next page is asked for while this one is used. */
class Ahead<T> {
  private page: T[] = [];
  private index = 0;
  private coming: Promise<IteratorResult<T[]>> | undefined;

  constructor(private readonly pages: AsyncGenerator<T[]>) {
    this.ask();
  }

  get head(): T | undefined {
    return this.page[this.index];
  }

  take(): void {
    this.index++;
  }

  /** The head of the next page that is not empty; undefined at the end. */
  async next(): Promise<T | undefined> {
    while (this.head === undefined && this.coming) {
      const { done, value } = await this.coming;
      this.coming = undefined;
      if (done) break;
      this.page = value;
      this.index = 0;
      this.ask();
    }
    return this.head;
  }

  async close(): Promise<void> {
    await this.coming?.catch(() => undefined);
    await this.pages.return(undefined);
  }

  private ask(): void {
    this.coming = this.pages.next();
    // Its failure is told to whoever asks for the page.
    this.coming.catch(() => undefined);
  }
}
