import { join } from 'node:path';
import { simulateEvents, type SimulatedEvent } from '@vigia/simulator';
import { freePort, waitFor } from '@vigia/testing';
import { InFlight } from './in-flight.js';
import { startApp, type MlflowStack, type RunningApp } from './stack.js';
import { DAY_MS } from './world.js';

/** Payments on their way at most, in the order of time. */
const IN_FLIGHT = 32;
const PATIENCE = { timeoutMs: 300_000, intervalMs: 250 };

/** All services on one stack, as an institution runs them, and a world whose days end with the last whole day (UTC). */
export class ClosedLoopSite {
  /** End of the last window of a day that is settled. */
  readonly endMs = Math.floor((Date.now() - 300_000) / DAY_MS) * DAY_MS;
  readonly url: Record<string, string> = {};
  private readonly apps = new Map<string, RunningApp>();
  private readonly events: Iterator<SimulatedEvent>;
  private waiting: SimulatedEvent | null = null;

  constructor(
    readonly stack: MlflowStack,
    world: { seed: number; days: number; paymentsPerDay: number; fraudShare: number },
  ) {
    this.events = simulateEvents({ ...world, startMs: this.endMs - world.days * DAY_MS });
  }

  async start(name: string, settings: Record<string, string> = {}): Promise<void> {
    const { stack } = this;
    const port = await freePort();
    const grpcPort = await freePort();
    this.url[name] = `http://127.0.0.1:${port}`;
    this.url[`${name} grpc`] = `127.0.0.1:${grpcPort}`;
    const environment = {
      HOST: '127.0.0.1',
      PORT: String(port),
      GRPC_PORT: String(grpcPort),
      DATABASE_URL: stack.databaseUrl,
      REDIS_URL: stack.redisUrl,
      MLFLOW_URL: stack.mlflowUrl,
      MLFLOW_TIMEOUT_MS: '60000',
      API_KEYS_FILE: stack.apiKeysFile,
      PSEUDONYM_SECRET: stack.pseudonymSecret,
      TRAINING_SET_DIRECTORY: join(stack.directory, 'training-sets'),
      SHUTDOWN_GRACE_MS: '0',
      // Everything runs on one machine: a busy moment must neither refuse payments nor look like a server that is away.
      MAX_LOOP_DELAY_MS: '60000',
      REDIS_TIMEOUT_MS: '10000',
      DATABASE_TIMEOUT_MS: '60000',
      CLOCK_TOLERANCE_HOURS: '200000',
      ...settings,
    };
    const logs = join(stack.directory, 'logs');
    this.apps.set(name, await startApp(name, logs, environment, `${this.url[name]}/health/ready`));
  }

  async stop(name: string): Promise<void> {
    await this.apps.get(name)?.stop();
    this.apps.delete(name);
  }

  async close(): Promise<void> {
    for (const name of [...this.apps.keys()].reverse()) await this.stop(name);
  }

  /** Brings what happens until so many days before the end; answers how many payments. */
  async bring(untilDaysBeforeEnd: number, amountFactor = 1): Promise<number> {
    const untilMs = this.endMs - untilDaysBeforeEnd * DAY_MS;
    const part: SimulatedEvent[] = [];
    for (let event = this.waiting ?? this.next(); event; event = this.next()) {
      this.waiting = event.atMs >= untilMs ? event : null;
      if (this.waiting) break;
      part.push(event.kind === 'payment' && amountFactor !== 1 ? inflated(event, amountFactor) : event);
    }
    const work = new InFlight(IN_FLIGHT);
    for (const event of part) await work.add(this.send(event));
    await work.end();
    return part.filter(({ kind }) => kind === 'payment').length;
  }

  /** Again until it is taken: a repeat of a payment is answered, and counted, once. */
  private async send(event: SimulatedEvent): Promise<void> {
    await waitFor(
      () =>
        event.kind === 'payment'
          ? this.ask('scoring', 'v1/assessments', event.payment).then(isDone, isUnavailable)
          : this.ask('ingestion', 'v1/outcomes', event.outcome).then(isDone, isUnavailable),
      PATIENCE,
    );
  }

  async ask<T>(service: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url[service]}/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'x-api-key': this.stack.key, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok)
      throw new Refused(`${path} answered ${response.status}: ${await response.text()}`, response.status);
    return (await response.json()) as T;
  }

  /** Result of a job that is asked for, once it is over. */
  async done<T>(service: string, path: string, body: object): Promise<T> {
    const { queue, id } = await this.ask<{ queue: string; id: string }>(service, path, body);
    return this.result(service, queue, id);
  }

  async result<T>(service: string, queue: string, id: string): Promise<T> {
    let job: { state: string; result: unknown; problem: { detail?: string } | null } | undefined;
    const path = queue === 'monitor' ? `v1/monitoring-runs/${id}` : `v1/jobs/${queue}/${id}`;
    await waitFor(async () => {
      job = await this.ask(service, path);
      return ['completed', 'failed', 'cancelled'].includes(job!.state);
    }, PATIENCE);
    if (job!.state !== 'completed') throw new Error(`job ${queue}/${id} is ${job!.state}: ${job!.problem?.detail}`);
    return job!.result as T;
  }

  async metric(service: string): Promise<string> {
    return (await fetch(`${this.url[service]}/metrics`)).text();
  }

  private next(): SimulatedEvent | null {
    const { done, value } = this.events.next();
    return done ? null : value;
  }
}

class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const isDone = (): boolean => true;

/** False for what is to be tried again: the machine is busy. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof Refused && error.status === 503) return false;
  throw error;
}

function inflated(
  event: Extract<SimulatedEvent, { kind: 'payment' }>,
  factor: number,
): Extract<SimulatedEvent, { kind: 'payment' }> {
  const amount = (Number(event.payment.amount) * factor).toFixed(2);
  return { ...event, payment: { ...event.payment, amount } };
}
