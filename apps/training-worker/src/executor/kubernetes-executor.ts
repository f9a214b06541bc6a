import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, type AbortReason } from '@vigia/contracts';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { CommandOutput, parseLine } from './command-output.js';
import type { Attempt, Executor, Task } from './executor.js';
import { faultOfEnd } from './exit-codes.js';
import type { JobLogs } from './job-logs.js';
import type { KubernetesAway, KubernetesClient, KubernetesRefused } from './kubernetes-client.js';
import { jobNameOf, jobOf } from './kubernetes-job.js';
import { endOf, faultOfFailure, faultOfWaiting, hasRun, waitingOf } from './kubernetes-verdict.js';
import { PodLog } from './pod-log.js';

export interface KubernetesExecutorOptions {
  client: KubernetesClient;
  logs: JobLogs;
  /** Name of the PodTemplate that every Job is made of. */
  podTemplate: string;
  /** After this time Kubernetes ends the command. */
  deadlineSeconds: number;
  /** For so long a pod may wait: for a node, for its image, for its quota. */
  pendingSeconds: number;
  /** For so long a Job that is over can be looked at. */
  ttlSeconds: number;
  /** Time between two looks. */
  lookMs: number;
  /** A cancelled Job that could not be deleted in this time ends at its deadline. */
  deleteMs: number;
  now: () => number;
  /** Told when the API server is away. */
  onAway: (error: Error, jobId: string) => void;
}

type Asker = Pick<Task, 'jobId' | 'progress' | 'signal'>;

/**
 * Runs commands as Jobs of Kubernetes, one an attempt. A Job goes on when its worker ends, and is taken over by the worker
 * that the queue gives its job to. While the API server is away nothing is given up: it is asked again.
 */
export class KubernetesExecutor implements Executor {
  constructor(private readonly options: KubernetesExecutorOptions) {}

  async isBegun(task: Attempt & Asker): Promise<boolean> {
    const name = jobNameOf(this.options.podTemplate, task);
    return (await this.ask(task, () => this.options.client.job(name))) !== null;
  }

  goesOn({ aborted, reason }: AbortSignal): boolean {
    return aborted && reason !== ('cancelled' satisfies AbortReason);
  }

  async run(task: Task): Promise<unknown> {
    const { logs, podTemplate } = this.options;
    task.signal.throwIfAborted();
    const name = jobNameOf(podTemplate, task);
    const log = await logs.open(task.jobId);
    try {
      const isNew = await this.begin(task);
      await log.write(
        `--- ${this.instant()} ${isNew ? '' : 'goes on: '}${task.command} ${task.args.join(' ')} (${name})\n`,
      );
      return await new Run(this, task, name, log).toItsEnd();
    } catch (error) {
      if (task.signal.aborted && !this.goesOn(task.signal)) await this.remove(task, name);
      throw error;
    } finally {
      await log.close();
    }
  }

  /**
   * Asks until the API server answers.
   * @throws {Fault} `internal` where it refuses
   */
  async ask<Answer>({ jobId, progress, signal }: Asker, question: () => Promise<Answer>): Promise<Answer> {
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      try {
        return await question();
      } catch (error) {
        if (!isAway(error)) throw refusal(error);
        if (isFirst) this.options.onAway(error, jobId);
        progress(0, `${error.message} The job waits for it; what runs goes on.`);
      }
      await this.pause(signal);
    }
  }

  /** @throws the reason of the signal */
  async pause(signal: AbortSignal): Promise<void> {
    await sleep(this.options.lookMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  /** Makes the Job; false where it is there already. */
  private async begin(task: Task): Promise<boolean> {
    const { client, podTemplate, deadlineSeconds, ttlSeconds } = this.options;
    if (await this.isBegun(task)) return false;
    const template = await this.ask(task, () => client.podTemplate(podTemplate));
    if (template?.template?.spec === undefined) {
      throw new Fault('internal', {
        detail: `The namespace ${client.namespace} has no PodTemplate ${podTemplate}. Make it, or set KUBERNETES_POD_TEMPLATE.`,
      });
    }
    const job = jobOf(template, task, { deadlineSeconds, ttlSeconds });
    return this.ask(task, () => client.createJob(job));
  }

  /** Deletes the Job and waits until its pod has ended. */
  async remove({ jobId }: Attempt, name: string): Promise<void> {
    const { client, deleteMs } = this.options;
    const asker = { jobId, progress: () => undefined, signal: AbortSignal.timeout(deleteMs) };
    try {
      await this.ask(asker, () => client.deleteJob(name));
      while ((await this.ask(asker, () => client.job(name))) !== null) await this.pause(asker.signal);
    } catch (error) {
      if (!asker.signal.aborted) throw error;
      this.options.onAway(new Error(`The Job ${name} could not be deleted; it ends at its deadline.`), jobId);
    }
  }

  get settings(): KubernetesExecutorOptions {
    return this.options;
  }

  private instant(): string {
    return new Date(this.options.now()).toISOString();
  }
}

/** One attempt, looked at until it is over. */
class Run {
  private readonly output: CommandOutput;
  private readonly beganAtMs = performance.now();
  private pod: V1Pod | null = null;
  private log: PodLog | undefined;

  constructor(
    private readonly executor: KubernetesExecutor,
    private readonly task: Task,
    private readonly name: string,
    private readonly file: FileHandle,
  ) {
    this.output = new CommandOutput(task.progress);
  }

  async toItsEnd(): Promise<unknown> {
    const { client } = this.executor.settings;
    for (;;) {
      // The Job first: when it is over, the pod and its log are as they will stay.
      const job = await this.executor.ask(this.task, () => client.job(this.name));
      if (job === null) throw new Fault('internal', { detail: `Somebody deleted the Job ${this.name} while it ran.` });
      this.pod = (await this.executor.ask(this.task, () => client.podOf(this.name))) ?? this.pod;
      if (this.pod !== null && hasRun(this.pod)) await this.readLog(this.pod);
      const end = endOf(job);
      if (end !== null) return this.outcome(job, end);
      if (this.pod === null || !hasRun(this.pod)) await this.waitsForItsPod();
      await this.executor.pause(this.task.signal);
    }
  }

  private async outcome(job: V1Job, end: 'complete' | 'failed'): Promise<unknown> {
    const { command } = this.task;
    if (end === 'failed') throw faultOfFailure(job, this.pod, command, this.output.lastWords);
    // A line that came while the log was read may have been missed.
    if (this.output.result === undefined) for (const line of (await this.log?.all()) ?? []) this.output.line(line);
    if (this.output.result !== undefined) return this.output.result;
    throw faultOfEnd(command, 0, null, this.output.lastWords);
  }

  private async readLog(pod: V1Pod): Promise<void> {
    const { client } = this.executor.settings;
    const [podName, container] = [pod.metadata!.name!, pod.spec!.containers[0]!.name];
    this.log ??= new PodLog(
      (since) => this.executor.ask(this.task, () => client.log(podName, container, since)),
      () => performance.now(),
    );
    for (const line of await this.log.lines()) {
      if (parseLine(line) === null) this.output.words(`${line}\n`);
      await this.file.write(`${this.output.line(line)}\n`);
    }
  }

  /** @throws {Fault} `no_capacity` or `internal` when it has waited for too long; the Job is deleted then */
  private async waitsForItsPod(): Promise<void> {
    const { client, pendingSeconds } = this.executor.settings;
    const events = this.pod === null ? await this.executor.ask(this.task, () => client.eventsOf(this.name)) : [];
    const waiting = waitingOf(this.pod, events);
    if (performance.now() - this.beganAtMs > pendingSeconds * 1_000) {
      await this.executor.remove(this.task, this.name);
      throw faultOfWaiting(waiting, pendingSeconds);
    }
    this.task.progress(0, waiting.text);
  }
}

const isAway = (error: unknown): error is KubernetesAway => (error as Error).name === 'KubernetesAway';

/** Rights, quotas of Jobs and a template that does not fit are told as the API server tells them. */
function refusal(error: unknown): unknown {
  if ((error as Error).name !== 'KubernetesRefused') return error;
  const { message, status } = error as KubernetesRefused;
  if (/exceeded quota/.test(message)) return new Fault('no_capacity', { detail: `${message}.`, retryAfterS: 60 });
  return new Fault('internal', { detail: `Kubernetes refuses (${status}): ${message}`, cause: error });
}
