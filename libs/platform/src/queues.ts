import { isDeepStrictEqual } from 'node:util';
import { Fault, JOBS, type JobName, type JobPayload, type ProgressDetails } from '@vigia/contracts';
import { Queue, type Job, type JobsOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { problemOf, type Problem } from './problem.js';

/** What a job holds in its queue. A job of a schedule has no payload: it follows from the moment it was meant for. */
export interface StoredJob {
  payload?: unknown;
  cancelled?: true;
}

export const JOB_STATES = [
  'waiting',
  'scheduled',
  'retrying',
  'active',
  'cancelling',
  'cancelled',
  'completed',
  'failed',
] as const;
export type JobState = (typeof JOB_STATES)[number];

export interface JobProgress extends ProgressDetails {
  /** 0 to 1. */
  share: number;
  step: string;
}

/** A job as whoever asked for it sees it. */
export interface JobView {
  queue: JobName;
  id: string;
  state: JobState;
  payload: unknown;
  progress: JobProgress | null;
  /** How often it was begun and failed. */
  failedAttempts: number;
  /** What the handler answered. */
  result: unknown;
  /** Why the last attempt failed. */
  problem: Problem | null;
  addedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

/** Payload of a job that a schedule makes, from the moment that it was scheduled for. */
export type ScheduledPayloads = { [Name in JobName]?: (atMs: number) => JobPayload<Name> };

export interface QueueSettings {
  /** Valkey or Redis >= 7 with `maxmemory-policy noeviction`. */
  url: string;
  /** First part of every key of the queues. */
  prefix: string;
  /** After this time a question counts as failed. Default 2,000. */
  timeoutMs?: number;
  scheduled?: ScheduledPayloads;
  /** Told of broken connections. */
  onError?: (error: Error) => void;
}

export const JOB_NAMES = Object.keys(JOBS) as JobName[];

/** How long jobs that are over can be asked for. */
const KEPT = { age: 30 * 86_400, count: 1_000 };
const CONNECT_MS = 1_000;

/** The queues of the job catalogue: adds jobs, shows and cancels them. Handlers are run by a `JobWorker`. */
export class JobQueues {
  private readonly queues: Record<JobName, Queue<StoredJob>>;

  private constructor(
    readonly settings: QueueSettings,
    private readonly client: Redis,
  ) {
    const queueOf = (name: JobName): Queue<StoredJob> => {
      // Commands fail at once while the server is away; without the skips BullMQ would wait for it.
      const options = {
        connection: client,
        prefix: settings.prefix,
        skipWaitingForReady: true,
        skipVersionCheck: true,
      };
      return new Queue<StoredJob>(name, options).on('error', (error) => settings.onError?.(error));
    };
    this.queues = Object.fromEntries(JOB_NAMES.map((name) => [name, queueOf(name)])) as typeof this.queues;
  }

  /** Resolves after the first attempt to connect, also where it failed: it then connects as soon as it can. */
  static async open(settings: QueueSettings): Promise<JobQueues> {
    const client = new Redis(settings.url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(50 * times, 1_000),
    });
    client.on('error', (error) => settings.onError?.(error));
    const attempted = new Promise<void>((resolve) => {
      client.once('ready', resolve);
      client.once('close', resolve);
    });
    await within(CONNECT_MS, attempted).catch(() => undefined);
    return new JobQueues(settings, client);
  }

  /**
   * Adds a job and answers its id. One that is known by `jobId` already is not added again.
   * @param jobId without ":"; by default the queue's next number
   * @throws {ZodError} when the payload does not fit the catalogue: callers validate theirs before
   * @throws {Fault} `idempotency_key_reused` where the job of that id has another payload; `dependency_unavailable`
   */
  async addJob<Name extends JobName>(name: Name, payload: JobPayload<Name>, jobId?: string): Promise<string> {
    const stored: StoredJob = { payload: JOBS[name].payload.parse(payload) };
    const options = { ...optionsOf(name), ...(jobId === undefined ? {} : { jobId }) };
    const id = (await this.ask(this.queues[name].add(name, stored, options))).id!;
    if (jobId === undefined) return id;
    const kept = await this.read(name, id);
    if (kept === null || isDeepStrictEqual(kept.payload, stored.payload)) return id;
    throw new Fault('idempotency_key_reused', {
      detail: 'A job of this key has another payload. Send that one again, or another key.',
    });
  }

  /** @throws {Fault} `dependency_unavailable` */
  async read(name: JobName, id: string): Promise<JobView | null> {
    const queue = this.queues[name];
    for (;;) {
      const state = await this.ask(queue.getJobState(id));
      const job = await this.ask(queue.getJob(id));
      if (!job) return null;
      // It ended between the two questions: ask again, so that what is seen belongs together.
      if (job.finishedOn === undefined || state === 'completed' || state === 'failed') {
        return this.viewOf(name, job, stateOf(job, state));
      }
    }
  }

  /**
   * The jobs of a queue, newest first.
   * @throws {Fault} `dependency_unavailable`
   */
  async recent(name: JobName, limit: number): Promise<JobView[]> {
    const jobs = await this.ask(this.queues[name].getJobs(undefined, 0, limit - 1));
    // The range holds for each state of BullMQ by itself.
    const newest = jobs
      .filter(Boolean)
      .sort((a, b) => b.timestamp - a.timestamp)
      .slice(0, limit);
    const views = await Promise.all(newest.map(({ id }) => this.read(name, id!)));
    return views.filter((view) => view !== null);
  }

  /**
   * Cancels a job: one that waits will never begin, one that runs is told to end within a second. A job that is over
   * stays as it is.
   * @throws {Fault} `dependency_unavailable`
   */
  async cancel(name: JobName, id: string): Promise<JobView | null> {
    const job = await this.ask(this.queues[name].getJob(id));
    if (!job) return null;
    if (job.finishedOn === undefined) await this.ask(job.updateData({ ...job.data, cancelled: true }));
    return this.read(name, id);
  }

  /** Whether somebody cancelled the job meanwhile. */
  async isCancelled(name: JobName, id: string): Promise<boolean> {
    return (await this.ask(this.queues[name].getJob(id)))?.data.cancelled === true;
  }

  /** Adds a job at every multiple of this time from now on, in place of the schedule before; 0 ends it. */
  async schedule(name: JobName, everyMs: number): Promise<void> {
    const queue = this.queues[name];
    if (everyMs === 0) await this.ask(queue.removeJobScheduler(name));
    else await this.ask(queue.upsertJobScheduler(name, { every: everyMs }, { name, data: {}, opts: optionsOf(name) }));
  }

  /** The payload as the catalogue has it; of a scheduled job the one of its moment, which BullMQ keeps in its id. */
  payloadOf(name: JobName, { id, data }: Job<StoredJob>): unknown {
    return data.payload ?? this.settings.scheduled?.[name]?.(Number(id!.split(':').at(-1))) ?? null;
  }

  /** Jobs of a queue by the state that BullMQ knows. */
  depth(name: JobName): Promise<Record<string, number>> {
    return this.ask(this.queues[name].getJobCounts('waiting', 'delayed', 'active', 'failed'));
  }

  async close(): Promise<void> {
    await Promise.all(JOB_NAMES.map((name) => this.queues[name].close()));
    this.client.disconnect();
  }

  private viewOf(name: JobName, job: Job<StoredJob>, state: JobState): JobView {
    const progress = typeof job.progress === 'object' ? (job.progress as JobProgress) : null;
    return {
      queue: name,
      id: job.id!,
      state,
      payload: this.payloadOf(name, job),
      progress,
      failedAttempts: job.attemptsMade - Number(state === 'completed'),
      result: (job.returnvalue as unknown) ?? null,
      problem: job.failedReason && !['completed', 'cancelled'].includes(state) ? problemIn(job.failedReason) : null,
      addedAt: new Date(job.timestamp).toISOString(),
      startedAt: instantOf(job.processedOn),
      finishedAt: instantOf(job.finishedOn),
    };
  }

  private async ask<T>(question: Promise<T>): Promise<T> {
    try {
      return await within(this.settings.timeoutMs ?? 2_000, question);
    } catch (cause) {
      const detail = 'The queues in Valkey do not answer. Ask again.';
      throw new Fault('dependency_unavailable', { detail, retryAfterS: 1, cause });
    }
  }
}

function optionsOf(name: JobName): JobsOptions {
  const { attempts, backoffMs } = JOBS[name];
  return {
    attempts,
    backoff: { type: 'fixed', delay: backoffMs },
    removeOnComplete: KEPT,
    removeOnFail: KEPT,
    // What failed stands in the log; a stack could repeat what a driver says of a row.
    stackTraceLimit: 0,
  };
}

function stateOf({ data, attemptsMade }: Job<StoredJob>, state: string): JobState {
  if (state === 'completed') return 'completed';
  if (data.cancelled) return state === 'active' ? 'cancelling' : 'cancelled';
  if (state === 'active' || state === 'failed') return state;
  if (state === 'delayed') return attemptsMade > 0 ? 'retrying' : 'scheduled';
  return 'waiting';
}

/** A worker keeps its problems as JSON; what is not JSON is BullMQ's own verdict, as on a job that stalled too often. */
function problemIn(reason: string): Problem {
  try {
    return JSON.parse(reason) as Problem;
  } catch {
    return problemOf(new Fault('internal', { detail: `The queue gave it up: ${reason}.` }));
  }
}

const instantOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
