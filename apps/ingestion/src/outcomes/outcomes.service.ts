import { Fault, type Outcome } from '@vigia/contracts';
import type { Ledger } from '@vigia/ledger';
import { problemOf, toFault, type Logger, type Problem } from '@vigia/platform';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import type { Labeller } from './labeller.js';

/** What became of one outcome. `labelled`, where it decides: the windows know it, or it waits for the online store. */
export type OutcomeResult =
  | { endToEndId: string; status: 'recorded' | 'repeated'; labelled?: boolean }
  | { endToEndId: string; problem: Problem };

/** Payments worked on at once; the ledger has four connections for questions. */
const CONCURRENCY = 4;

/** Records what became known of payments, and lets the windows know. */
export class OutcomesService {
  constructor(
    private readonly ledger: Ledger,
    private readonly labeller: Labeller,
    private readonly metrics: IngestionMetrics,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  /**
   * One outcome; said again it changes nothing, but brings its label again.
   * @param caller name of the API key, for the record
   * @throws {Fault} `unknown_payment`, `outcome_before_payment`; `dependency_unavailable` when the ledger is away
   */
  async record(outcome: Outcome, caller: string): Promise<OutcomeResult> {
    const { endToEndId, result } = outcome;
    let stored: 'new' | 'repeated';
    try {
      stored = await this.ledger.recordOutcome(outcome, { caller, recordedAtMs: this.now() });
    } catch (error) {
      if (error instanceof Fault && error.kind === 'caller') this.metrics.outcome(outcome, 'refused');
      throw error;
    }
    this.metrics.outcome(outcome, stored);
    const status = stored === 'new' ? 'recorded' : 'repeated';
    return result === 'open' ? { endToEndId, status } : { endToEndId, status, labelled: await this.label(endToEndId) };
  }

  /**
   * Each by itself, in the order given; those of one payment one after the other.
   * @throws {Fault} `dependency_unavailable` when the ledger is away: send all again, none is recorded twice
   */
  async recordAll(outcomes: readonly Outcome[], caller: string): Promise<OutcomeResult[]> {
    const results = new Array<OutcomeResult>(outcomes.length);
    const payments = Map.groupBy(outcomes.keys(), (index) => outcomes[index]!.endToEndId).values();
    const work = async (): Promise<void> => {
      for (const indexes of payments) {
        for (const index of indexes) results[index] = await this.recordOne(outcomes[index]!, caller);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    return results;
  }

  private async recordOne(outcome: Outcome, caller: string): Promise<OutcomeResult> {
    try {
      return await this.record(outcome, caller);
    } catch (error) {
      const fault = toFault(error);
      if (fault.kind !== 'caller') throw fault;
      return { endToEndId: outcome.endToEndId, problem: problemOf(fault) };
    }
  }

  /** The outcome is on disk: whatever happens to its label, the answer is that it was recorded. */
  private async label(endToEndId: string): Promise<boolean> {
    try {
      return await this.labeller.label(endToEndId);
    } catch (error) {
      this.metrics.labelDropped();
      this.logger.error({ err: error }, 'a label is given up');
      return false;
    }
  }
}
