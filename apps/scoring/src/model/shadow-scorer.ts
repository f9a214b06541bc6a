import type { AssessmentRow } from '@vigia/ledger';
import type { ModelSlot } from '@vigia/model';
import type { Logger } from '@vigia/platform';
import { isVersion, type LiveModels, type ModelRole } from './live-models.js';
import type { ModelMetrics } from './model-metrics.js';
import type { ShadowRecord } from './shadow-record.js';

type Decided = Pick<AssessmentRow, 'endToEndId' | 'vector' | 'model'>;

interface Waiting {
  endToEndId: string;
  vector: Float32Array;
  decidedBy: { name: string; version: string };
  slot: ModelSlot;
}

const MAX_WAITING = 10_000;
/** Scored in one turn of the event loop: about 0.2 ms, the longest that an answer waits for them. */
const ROWS_PER_TURN = 16;

/** Scores each payment by the model that did not decide it, after its answer. */
export class ShadowScorer {
  private readonly waiting: Waiting[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly models: LiveModels,
    private readonly record: ShadowRecord,
    private readonly metrics: ModelMetrics,
    private readonly logger: Logger,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  /** Takes a payment that was decided; returns at once. One that no model decided is not scored in shadow either. */
  offer({ endToEndId, vector, model: decidedBy }: Decided, role: ModelRole): void {
    const slot = this.models.beside(role);
    if (decidedBy === null || slot.current() === null) return;
    if (this.waiting.length >= this.maxWaiting) return this.metrics.shadowDropped('queue_full');
    this.waiting.push({ endToEndId, vector, decidedBy, slot });
    this.running ??= this.drain();
  }

  /** Scores what waits and closes the record. */
  async close(): Promise<void> {
    await this.running;
    await this.record.close();
  }

  private async drain(): Promise<void> {
    await nextTurn();
    while (this.waiting.length > 0) {
      await Promise.all(this.waiting.splice(0, ROWS_PER_TURN).map((payment) => this.score(payment)));
      await nextTurn();
    }
    this.running = undefined;
  }

  private async score({ endToEndId, vector, decidedBy, slot }: Waiting): Promise<void> {
    try {
      await slot.use(async (model) => {
        // Meanwhile it may have gone, or have become what decided.
        if (model === null || isVersion(model, decidedBy)) return;
        const { name, version } = model.manifest;
        const score = await model.score(vector);
        this.record.add({ endToEndId, model: name, bundleVersion: version, ...score, scoredAtMs: Date.now() });
      });
    } catch (error) {
      this.metrics.shadowDropped('score_failed');
      this.logger.error({ err: error }, 'a score in shadow failed');
    }
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
