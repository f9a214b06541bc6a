import type { AssessmentRow, ShadowScore } from '@vigia/ledger';
import type { ModelSlot } from '@vigia/model';
import type { Logger } from '@vigia/platform';
import { AfterAnswerQueue } from '../shadow/after-answer-queue.js';
import type { AfterAnswerRecord } from '../shadow/after-answer-record.js';
import { isVersion, type LiveModels, type ModelRole } from './live-models.js';
import type { ModelMetrics } from './model-metrics.js';

type Decided = Pick<AssessmentRow, 'endToEndId' | 'vector' | 'model'>;

interface Waiting {
  endToEndId: string;
  vector: Float32Array;
  decidedBy: { name: string; version: string };
  slot: ModelSlot;
}

/** Scores each payment by the model that did not decide it, after its answer. */
export class ShadowScorer {
  private readonly queue: AfterAnswerQueue<Waiting>;

  constructor(
    private readonly models: LiveModels,
    private readonly record: AfterAnswerRecord<ShadowScore>,
    private readonly metrics: ModelMetrics,
    private readonly logger: Logger,
    maxWaiting?: number,
  ) {
    this.queue = new AfterAnswerQueue((payment) => this.score(payment), maxWaiting);
  }

  /** Takes a payment that was decided; returns at once. One that no model decided is not scored in shadow either. */
  offer({ endToEndId, vector, model: decidedBy }: Decided, role: ModelRole): void {
    const slot = this.models.beside(role);
    if (decidedBy === null || slot.current() === null) return;
    if (!this.queue.offer({ endToEndId, vector, decidedBy, slot })) this.metrics.shadowDropped('queue_full');
  }

  /** Scores what waits and closes the record. */
  async close(): Promise<void> {
    await this.queue.drained();
    await this.record.close();
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
      this.metrics.shadowDropped('failed');
      this.logger.error({ err: error }, 'a score in shadow failed');
    }
  }
}
