import { JOBS, type AbortReason, type JobHandler, type JobName, type ProgressDetails } from '@vigia/contracts';
import { UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { JobMetrics } from './job-metrics.js';
import { logFault, type Logger } from './log.js';
import { problemOf, toFault } from './problem.js';
import { JOB_NAMES, type JobProgress, type JobQueues, type StoredJob } from './queues.js';

/** Handlers of the jobs that this service runs; the others of the catalogue belong to another. */
export type JobHandlers = { [Name in JobName]?: JobHandler<Name> };

export interface JobWorkerParts {
  queues: JobQueues;
  handlers: JobHandlers;
  metrics: JobMetrics;
  logger: Logger;
  /** Silence after which a worker counts as dead and its job goes to another. Default 30,000. */
  lockMs?: number;
}

/** How often a running job looks whether it was cancelled. */
const CANCEL_LOOK_MS = 500;
/** Progress is written at most this often. */
const PROGRESS_MS = 250;

/** Runs the jobs of the catalogue, one of each kind at a time in this process. */
export class JobWorker {
  private readonly workers: Worker<StoredJob>[];
  private readonly running = new Map<string, AbortController>();
  private stopping = false;

  private constructor(private readonly parts: JobWorkerParts) {
    this.workers = JOB_NAMES.filter((name) => parts.handlers[name]).map((name) => this.workerOf(name));
  }

  static start(parts: JobWorkerParts): JobWorker {
    return new JobWorker(parts);
  }

  /** Begins no more jobs, tells the running ones to end and gives them back to their queues, where they begin anew. */
  async close(): Promise<void> {
    this.stopping = true;
    const closed = this.workers.map((worker) => worker.close());
    for (const control of this.running.values()) control.abort('stopped' satisfies AbortReason);
    await Promise.all(closed);
  }

  private workerOf(name: JobName): Worker<StoredJob> {
    const { queues, logger, metrics, lockMs = 30_000 } = this.parts;
    const worker = new Worker<StoredJob>(name, (job, token) => this.run(name, job, token), {
      connection: { url: queues.settings.url, maxRetriesPerRequest: null },
      prefix: queues.settings.prefix,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: JOBS[name].attempts,
    });
    worker.on('error', (error) => logger.warn({ err: error, queue: name }, 'a queue does not answer'));
    worker.on('stalled', (id) => {
      metrics.ended(name, 'stalled');
      logger.warn({ queue: name, jobId: id }, 'a job was left behind by its worker and begins anew');
    });
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.running.get(`${name}/${id}`)?.abort('taken over' satisfies AbortReason);
    });
    return worker;
  }

  private async run(name: JobName, job: Job<StoredJob>, token: string | undefined): Promise<unknown> {
    const { metrics, logger } = this.parts;
    const key = `${name}/${job.id}`;
    const control = new AbortController();
    this.running.set(key, control);
    if (this.stopping) control.abort('stopped' satisfies AbortReason);
    const look = setInterval(() => void this.lookForCancellation(name, job.id!, control), CANCEL_LOOK_MS);
    const stopTimer = metrics.start(name);
    try {
      await this.lookForCancellation(name, job.id!, control);
      control.signal.throwIfAborted();
      const result = await this.handle(name, job, control.signal);
      metrics.ended(name, 'completed');
      logger.info({ queue: name, jobId: job.id }, 'job completed');
      return result;
    } catch (error) {
      throw await this.failureOf(name, job, token, { error, reason: reasonOf(control.signal) });
    } finally {
      clearInterval(look);
      stopTimer();
      this.running.delete(key);
    }
  }

  private handle(name: JobName, job: Job<StoredJob>, signal: AbortSignal): Promise<unknown> {
    const payload = JOBS[name].payload.parse(this.parts.queues.payloadOf(name, job));
    let writtenAtMs = -Infinity;
    const progress = (share: number, step: string, details: ProgressDetails = {}): void => {
      const nowMs = performance.now();
      if (share < 1 && nowMs - writtenAtMs < PROGRESS_MS) return;
      writtenAtMs = nowMs;
      job.updateProgress({ share, step, ...details } satisfies JobProgress).catch((error: unknown) => {
        this.parts.logger.warn({ err: error, queue: name, jobId: job.id }, 'progress could not be written');
      });
    };
    // Payload and handler belong to the same name, which the type of a union of functions cannot say.
    const handler = this.parts.handlers[name] as JobHandler<JobName>;
    return handler(payload as never, { jobId: job.id!, attempt: job.attemptsMade + 1, progress, signal });
  }

  /** What BullMQ is to be told: wait again, give up, or try again after the backoff. */
  private async failureOf(
    name: JobName,
    job: Job<StoredJob>,
    token: string | undefined,
    { error, reason }: { error: unknown; reason: AbortReason | null },
  ): Promise<Error> {
    const { metrics, logger } = this.parts;
    if (reason === 'stopped') {
      metrics.ended(name, 'stopped');
      await job.moveToWait(token);
      return new WaitingError();
    }
    // Another worker has it; whatever is told to the queue about it would be refused.
    if (reason === 'taken over') return new WaitingError();
    if (reason === 'cancelled') {
      metrics.ended(name, 'cancelled');
      return new UnrecoverableError('cancelled');
    }
    const fault = toFault(error);
    const isLast = fault.kind === 'caller' || job.attemptsMade + 1 >= JOBS[name].attempts;
    metrics.ended(name, isLast ? 'failed' : 'retried');
    logFault(logger, fault, { queue: name, jobId: job.id, attempt: job.attemptsMade + 1 });
    const problem = JSON.stringify(problemOf(fault));
    return fault.kind === 'caller' ? new UnrecoverableError(problem) : new Error(problem);
  }

  private async lookForCancellation(name: JobName, id: string, control: AbortController): Promise<void> {
    // While the queue is away the job goes on; it is asked again.
    const cancelled = await this.parts.queues.isCancelled(name, id).catch(() => false);
    if (cancelled && !control.signal.aborted) control.abort('cancelled' satisfies AbortReason);
  }
}

const reasonOf = ({ aborted, reason }: AbortSignal): AbortReason | null => (aborted ? (reason as AbortReason) : null);
