import { Fault, type Outcome } from '@vigia/contracts';
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
  /** Milliseconds since 1970. */
  now: () => number;
}

/** 32 characters each: some 10 MB. */
const MAX_WAITING = 100_000;

/**
 * Brings what the ledger knows of a payment to the windows. It reads the verdict from the ledger each time, so it may
 * run in any order and again. What can't be brought now waits in memory; the outcome itself is on disk, and sending it
 * again brings its label again.
 */
export class Labeller {
  private readonly waiting = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly parts: LabellerParts) {
    parts.metrics.watchWaitingLabels(() => this.waiting.size);
  }

  get waitingCount(): number {
    return this.waiting.size;
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
      return false;
    }
  }

  /** Gives up what waits; the log says how many. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    const { size } = this.waiting;
    if (size > 0)
      this.parts.logger.warn({ labels: size }, 'labels wait for the online store; send their outcomes again');
  }

  /**
   * Reads the verdict again behind the label: where another process recorded a later word meanwhile, its label may have
   * been overtaken by this one.
   */
  private async bring(endToEndId: string): Promise<void> {
    const { ledger, metrics, now } = this.parts;
    const row = await ledger.assessment(endToEndId);
    if (!row) return;
    let verdict = verdictOf(await ledger.outcomes(endToEndId));
    for (let written; verdict && verdict.result !== written; verdict = verdictOf(await ledger.outcomes(endToEndId))) {
      await this.write(row, verdict.result === 'agreed');
      written = verdict.result;
      metrics.labelled(now() - Date.parse(verdict.knownAt));
    }
  }

  private async write({ endToEndId, payment }: AssessmentRow, fraud: boolean): Promise<void> {
    const entities = this.parts.set.entitiesOf(payment);
    await this.parts.store.label({ eventId: endToEndId, atMs: payment.acceptedAtMs, fraud, entities });
  }

  private wait(endToEndId: string): void {
    if (this.waiting.size >= MAX_WAITING) {
      this.parts.metrics.labelDropped();
      return;
    }
    this.waiting.add(endToEndId);
    this.schedule();
  }

  private schedule(): void {
    if (this.timer !== undefined || this.closed) return;
    this.timer = setTimeout(() => void this.retry(), this.parts.retryMs).unref();
  }

  /** In order, until one fails: then the part is still away. */
  private async retry(): Promise<void> {
    for (const endToEndId of this.waiting) {
      if (this.closed) return;
      try {
        await this.bring(endToEndId);
      } catch (error) {
        if (isAway(error)) break;
        this.parts.metrics.labelDropped();
        this.parts.logger.error({ err: error }, 'a label is given up');
      }
      this.waiting.delete(endToEndId);
    }
    this.timer = undefined;
    if (this.waiting.size > 0) this.schedule();
  }
}

/** The last word on a payment: of the outcomes that decide, in the order in which they became known, the last. */
export function verdictOf<T extends Pick<Outcome, 'result'>>(outcomes: readonly T[]): T | undefined {
  return outcomes.findLast(({ result }) => result !== 'open');
}

function isAway(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'weather';
}
