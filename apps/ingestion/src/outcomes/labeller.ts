import { Fault, labelOf } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import type { AssessmentRow, Ledger } from '@vigia/ledger';
import type { OnlineStore } from '@vigia/online-store';
import type { Logger } from '@vigia/platform';
import type { IngestionMetrics } from '../ingestion-metrics.js';

export interface LabellerParts {
  ledger: Ledger;
  store: Pick<OnlineStore, 'label'>;
  set: CompiledFeatureSet;
  metrics: IngestionMetrics;
  logger: Logger;
  /** Time between attempts while a part is away. */
  retryMs: number;
  /** Time between two looks for verdicts that the windows were not told. Default 30 s. */
  sweepMs?: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Labels tried again after `retryMs`; those beyond wait for the next sweep. */
const MAX_WAITING = 10_000;
const PAGE = 500;
const DAY_MS = 86_400_000;

/**
 * Brings what the ledger knows of a payment to the windows, and notes in the ledger that they were told. It reads the
 * verdict from the ledger each time, so it may run in any order, again, and in several processes. What was not noted,
 * because the store was away or a process ended, is found in the ledger and brought again: no label is lost.
 */
export class Labeller {
  private readonly waiting = new Set<string>();
  private readonly reachMs: number;
  private timer: NodeJS.Timeout | undefined;
  private dueAtMs = Infinity;
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly parts: LabellerParts) {
    const windows = parts.set.plan.states.filter(({ labels }) => labels).flatMap((state) => state.windows);
    this.reachMs = Math.max(0, ...windows.map(({ lengthMs, delayMs }) => lengthMs + delayMs));
    parts.metrics.watchWaitingLabels(() => this.waiting.size);
  }

  get waitingCount(): number {
    return this.waiting.size;
  }

  /** Begins to look in the ledger for verdicts that the windows were not told, now and from time to time. */
  start(): void {
    this.schedule(0);
  }

  /** Labels the payment in every window that holds it; false when it has to wait. */
  async label(endToEndId: string): Promise<boolean> {
    try {
      await this.bring(endToEndId);
      this.waiting.delete(endToEndId);
      return true;
    } catch (error) {
      if (!isAway(error)) throw error;
      this.wait(endToEndId);
      if (!this.working) this.schedule(this.parts.retryMs);
      return false;
    }
  }

  /** Resolves when nothing is on its way any more. What waits is in the ledger. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /**
   * Reads the verdict again behind the label: where another process recorded a later word meanwhile, its label may have
   * been overtaken by this one.
   */
  private async bring(endToEndId: string): Promise<void> {
    const { ledger, metrics, now } = this.parts;
    const row = await ledger.assessment(endToEndId);
    if (!row) return;
    let verdict = labelOf(await ledger.outcomes(endToEndId));
    for (let written; verdict && verdict.result !== written; verdict = labelOf(await ledger.outcomes(endToEndId))) {
      await this.write(row, verdict.result === 'agreed');
      written = verdict.result;
      metrics.labelled(now() - Date.parse(verdict.knownAt));
    }
  }

  private async write({ endToEndId, payment }: AssessmentRow, fraud: boolean): Promise<void> {
    const { ledger, store, set, now } = this.parts;
    const entities = set.entitiesOf(payment);
    const told = await store.label({ eventId: endToEndId, atMs: payment.acceptedAtMs, fraud, entities });
    await ledger.recordWindowLabel({
      endToEndId,
      fraud,
      // A set that keeps no labels asks no server.
      arrivedUs: told.arrivedUs || now() * 1_000,
      changed: told.results.includes('changed'),
      featureSetHash: set.hash,
    });
  }

  private wait(endToEndId: string): void {
    if (this.waiting.size < MAX_WAITING) this.waiting.add(endToEndId);
  }

  /** Unless it is due before. */
  private schedule(afterMs: number): void {
    const dueAtMs = this.parts.now() + afterMs;
    if (this.closed || this.dueAtMs <= dueAtMs) return;
    clearTimeout(this.timer);
    this.dueAtMs = dueAtMs;
    this.timer = setTimeout(() => {
      this.working = this.work().then((nextMs) => {
        this.working = undefined;
        this.dueAtMs = Infinity;
        this.schedule(nextMs);
      });
    }, afterMs).unref();
  }

  /** Brings what waits, in order, and then what else the ledger has; answers when to come again. */
  private async work(): Promise<number> {
    const { logger, retryMs, sweepMs = 30_000 } = this.parts;
    try {
      for (const endToEndId of this.waiting) if (!(await this.retry(endToEndId))) return retryMs;
      for await (const endToEndId of this.pending()) if (!(await this.retry(endToEndId))) return retryMs;
      return this.waiting.size > 0 ? retryMs : sweepMs;
    } catch (error) {
      if (!isAway(error)) logger.error({ err: error }, 'verdicts that wait could not be read');
      return retryMs;
    }
  }

  /** Every verdict that the windows were not told and that may still lie in one. */
  private async *pending(): AsyncGenerator<string> {
    const { ledger, set, now } = this.parts;
    // A verdict is never known before its payment's time.
    const question = { featureSetHash: set.hash, knownFromMs: now() - this.reachMs - DAY_MS, limit: PAGE };
    for (let after = ''; ;) {
      const page = await ledger.pendingLabels({ ...question, after });
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!;
    }
  }

  /** False where a part is away, and the label waits on. One that fails otherwise is tried again by the next sweep. */
  private async retry(endToEndId: string): Promise<boolean> {
    if (this.closed) return false;
    try {
      await this.bring(endToEndId);
    } catch (error) {
      if (isAway(error)) {
        this.wait(endToEndId);
        return false;
      }
      this.parts.metrics.labelDropped();
      this.parts.logger.error({ err: error }, 'a label is given up');
    }
    this.waiting.delete(endToEndId);
    return true;
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'weather';
}
