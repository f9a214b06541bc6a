import type { JobName } from '@vigia/contracts';
import type { Counter, Gauge, Histogram } from 'prom-client';
import type { Metrics } from './metrics.js';
import { JOB_NAMES, type JobQueues } from './queues.js';

/** How an attempt ended. `stopped`: given back to the queue because its service ended. */
export type JobEnd = 'completed' | 'failed' | 'retried' | 'cancelled' | 'stopped' | 'stalled';

/** Bounds in seconds, from a small audit to a backfill of a night. */
const DURATION_BUCKETS_S = [0.1, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200];

/** What the queues and their jobs show; the depth is as of the last refresh. */
export class JobMetrics {
  private readonly ends: Counter<'queue' | 'result'>;
  private readonly seconds: Histogram<'queue'>;
  private readonly depth: Gauge<'queue' | 'state'>;

  constructor(metrics: Metrics) {
    this.ends = metrics.counter('jobs_total', 'Attempts at jobs that ended, by how.', ['queue', 'result']);
    this.seconds = metrics.histogram('job_seconds', 'Time of an attempt at a job.', ['queue'], DURATION_BUCKETS_S);
    this.depth = metrics.gauge('queue_jobs', 'Jobs in a queue by state, at the last look.', ['queue', 'state']);
  }

  ended(queue: JobName, result: JobEnd): void {
    this.ends.inc({ queue, result });
  }

  /** Starts the clock of an attempt; the answer stops it. */
  start(queue: JobName): () => void {
    return this.seconds.startTimer({ queue });
  }

  async refresh(queues: JobQueues): Promise<void> {
    for (const queue of JOB_NAMES) {
      const depth = await queues.depth(queue);
      for (const [state, jobs] of Object.entries(depth)) this.depth.set({ queue, state }, jobs);
    }
  }
}
