import { Fault } from '@vigia/contracts';
import type { Ledger, ShadowScore } from '@vigia/ledger';
import type { Logger } from '@vigia/platform';
import type { ModelMetrics } from './model-metrics.js';

export interface ShadowRecordOptions {
  /** Scores that wait while PostgreSQL is away; more are dropped. */
  maxHeld?: number;
  /** Time in which scores gather for one statement, ms. */
  gatherMs?: number;
  /** Time between two tries while PostgreSQL is away, ms. */
  retryMs?: number;
}

const MAX_ROWS = 500;

/** Brings shadow scores to the ledger in batches. They weigh less than payments: what cannot be held is dropped. */
export class ShadowRecord {
  private held: ShadowScore[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private isAway = false;
  private readonly options: Required<ShadowRecordOptions>;

  constructor(
    private readonly ledger: Pick<Ledger, 'recordShadowScores'>,
    private readonly metrics: ModelMetrics,
    private readonly logger: Logger,
    options: ShadowRecordOptions = {},
  ) {
    this.options = { maxHeld: 50_000, gatherMs: 250, retryMs: 1_000, ...options };
  }

  add(score: ShadowScore): void {
    if (this.held.length >= this.options.maxHeld) return this.metrics.shadowDropped('record_full');
    this.held.push(score);
    this.schedule(this.options.gatherMs);
  }

  /** Writes what it holds; drops it when PostgreSQL does not take it now. */
  async close(): Promise<void> {
    await this.writing;
    clearTimeout(this.timer);
    await this.write();
    clearTimeout(this.timer);
    if (this.held.length > 0) this.metrics.shadowDropped('closed', this.held.length);
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
        await this.ledger.recordShadowScores(batch);
        this.metrics.shadowRecorded(batch.length);
        this.isAway = false;
      } catch (error) {
        if (error instanceof Fault && error.kind === 'weather') return this.away(error);
        this.metrics.shadowDropped('record_refused', batch.length);
        this.logger.error({ err: error }, 'shadow scores are refused by the ledger and dropped');
      }
      this.held.splice(0, batch.length);
    }
  }

  private away(error: unknown): void {
    if (!this.isAway) this.logger.warn({ err: error }, 'shadow scores wait for the ledger');
    this.isAway = true;
  }
}
