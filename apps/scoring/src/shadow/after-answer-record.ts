import { Fault } from '@vigia/contracts';
import type { Logger } from '@vigia/platform';

export interface RecordOptions {
  /** Rows that wait while PostgreSQL is away; more are dropped. */
  maxHeld?: number;
  /** Time in which rows gather for one statement, ms. */
  gatherMs?: number;
  /** Time between two tries while PostgreSQL is away, ms. */
  retryMs?: number;
}

/** Why what was found after the answer is not on record. */
export type ShadowDrop = 'queue_full' | 'failed' | 'record_full' | 'record_refused' | 'closed';

/** Counts what became of it. */
export interface ShadowCounts<Row> {
  shadowRecorded(rows: readonly Row[]): void;
  shadowDropped(cause: ShadowDrop, rows?: number): void;
}

const MAX_ROWS = 500;

/** Brings what was found after answers to the ledger in batches. It weighs less than payments: what cannot be held is dropped. */
export class AfterAnswerRecord<Row> {
  private held: Row[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private isAway = false;
  private readonly options: Required<RecordOptions>;

  constructor(
    private readonly bring: (rows: Row[]) => Promise<void>,
    private readonly counts: ShadowCounts<Row>,
    private readonly logger: Logger,
    options: RecordOptions = {},
  ) {
    this.options = { maxHeld: 50_000, gatherMs: 250, retryMs: 1_000, ...options };
  }

  add(row: Row): void {
    if (this.held.length >= this.options.maxHeld) return this.counts.shadowDropped('record_full');
    this.held.push(row);
    this.schedule(this.options.gatherMs);
  }

  /** Writes what it holds; drops it when PostgreSQL does not take it now. */
  async close(): Promise<void> {
    await this.writing;
    clearTimeout(this.timer);
    await this.write();
    clearTimeout(this.timer);
    if (this.held.length > 0) this.counts.shadowDropped('closed', this.held.length);
    this.held = [];
  }

  private schedule(ms: number): void {
    if (this.timer !== undefined || this.writing !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.writing = this.write().finally(() => {
        this.writing = undefined;
        if (this.held.length > 0) this.schedule(this.isAway ? this.options.retryMs : this.options.gatherMs);
      });
    }, ms).unref();
  }

  private async write(): Promise<void> {
    while (this.held.length > 0) {
      const batch = this.held.slice(0, MAX_ROWS);
      try {
        await this.bring(batch);
        this.counts.shadowRecorded(batch);
        this.isAway = false;
      } catch (error) {
        if (error instanceof Fault && error.kind === 'weather') return this.away(error);
        this.counts.shadowDropped('record_refused', batch.length);
        this.logger.error({ err: error }, 'what was found in shadow is refused by the ledger and dropped');
      }
      this.held.splice(0, batch.length);
    }
  }

  private away(error: unknown): void {
    if (!this.isAway) this.logger.warn({ err: error }, 'what was found in shadow waits for the ledger');
    this.isAway = true;
  }
}
