import { JobMetrics, JobQueues, JobWorker, Metrics, createLogger } from '@vigia/platform';
import type { Executor } from './executor.js';

/** Silence after which a job is given to another worker, ms. */
const LOCK_MS = 3_000;

export function openQueues(url: string): Promise<JobQueues> {
  return JobQueues.open({ url, prefix: 'executor', timeoutMs: 10_000 });
}

/** Takes jobs `train`, whose command is run as it is. */
export function startQueueWorker(queues: JobQueues, executor: Executor): JobWorker {
  return JobWorker.start({
    queues,
    handlers: {
      train: (_, { jobId, attempt, progress, signal }) =>
        executor.run({
          command: 'vigia-train',
          args: [],
          jobId,
          attempt,
          progress: (...told) => void progress(...told),
          signal,
        }),
    },
    metrics: new JobMetrics(new Metrics('test', '0')),
    logger: createLogger({ service: 'test', version: '0', level: 'silent' }),
    lockMs: LOCK_MS,
  });
}
