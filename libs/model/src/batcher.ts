import type { Session } from './session.js';

/** What the model says of one row. */
export interface Score {
  /** Calibrated probability of fraud. */
  probability: number;
  /** The trees' raw log-odds, which contributions add up to. */
  margin: number;
}

interface Waiter {
  resolve(score: Score): void;
  reject(error: unknown): void;
}

interface Batch {
  features: Float32Array;
  waiters: Waiter[];
}

const MAX_ROWS = 64;
const MAX_SPARE = 16;

/**
 * Scores the rows that arrive within one turn of the event loop together: per row that is half the work of scoring them
 * alone, and a lone row waits for nothing, as it would for a timer. One batch runs at a time; `run` holds the loop, so
 * rows that arrive meanwhile form the next ones.
 */
export class Batcher {
  private queue: Batch[] = [];
  /** Buffers of batches that were answered, at most {@link MAX_SPARE}. */
  private readonly spare: Float32Array[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly session: Pick<Session, 'run'>,
    private readonly featureCount: number,
    private readonly maxRows = MAX_ROWS,
  ) {}

  /** The vector is copied at once. Rejects with what the session threw for the batch that the row was in. */
  score(vector: Float32Array): Promise<Score> {
    return new Promise((resolve, reject) => {
      const batch = this.open();
      batch.features.set(vector, batch.waiters.length * this.featureCount);
      batch.waiters.push({ resolve, reject });
      this.running ??= this.drain();
    });
  }

  /** Resolves when every row so far is answered. */
  async settled(): Promise<void> {
    await this.running;
  }

  private open(): Batch {
    const last = this.queue.at(-1);
    if (last !== undefined && last.waiters.length < this.maxRows) return last;
    const batch = {
      features: this.spare.pop() ?? new Float32Array(this.maxRows * this.featureCount),
      waiters: [],
    };
    this.queue.push(batch);
    return batch;
  }

  private async drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.queue.shift(); batch !== undefined; batch = this.queue.shift()) await this.runBatch(batch);
    this.running = undefined;
  }

  private async runBatch({ features, waiters }: Batch): Promise<void> {
    try {
      const { probabilities, margins } = await this.session.run(features, waiters.length);
      waiters.forEach((waiter, row) => waiter.resolve({ probability: probabilities[row]!, margin: margins[row]! }));
    } catch (error) {
      for (const waiter of waiters) waiter.reject(error);
    }
    if (this.spare.length < MAX_SPARE) this.spare.push(features);
  }
}
