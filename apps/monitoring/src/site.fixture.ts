import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger, migrate, type AssessmentRow } from '@vigia/ledger';
import {
  ApiKeys,
  JobQueues,
  createLogger,
  digestApiKey,
  mintApiKey,
  parseConfig,
  startService,
  type ApiKeyEntry,
  type JobView,
  type Service,
} from '@vigia/platform';
import { createTestDatabase, testPrefix, valkeyServer, waitFor, type TestDatabase } from '@vigia/testing';
import { AppModule } from './app.module.js';
import { monitoringConfig } from './config.js';
import type { MonitorResult } from './run/monitor-handler.js';

/** Of what runs on a machine that is busy. */
export const PATIENCE = { timeoutMs: 120_000, intervalMs: 50 };

/** Where monitoring runs in a test: a fresh database, queues, directories and API keys of its own. */
export class Site {
  readonly keys = { reader: mintApiKey(), admin: mintApiKey(), analyst: mintApiKey() };
  readonly directory = mkdtempSync(join(tmpdir(), 'vigia-monitoring-'));
  readonly ledger: Ledger;
  readonly queuePrefix = `${testPrefix()}jobs`;
  private readonly closers: (() => Promise<void> | void)[] = [];

  private constructor(
    private readonly database: TestDatabase,
    readonly redisUrl: string,
    private readonly mlflowUrl: string,
  ) {
    this.ledger = Ledger.connect({ url: database.url });
  }

  /** @param mlflowUrl by default one at which nobody answers */
  static async open(mlflowUrl = 'http://127.0.0.1:9'): Promise<Site> {
    return new Site(await createTestDatabase(migrate), await valkeyServer(), mlflowUrl);
  }

  /** @param settings as in the environment; no schedule unless they say so */
  async start(settings: Record<string, string> = {}, apiKeys = new ApiKeys(this.keyEntries())): Promise<Service> {
    const config = parseConfig(monitoringConfig, {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: this.database.url,
      REDIS_URL: this.redisUrl,
      REDIS_TIMEOUT_MS: '10000',
      QUEUE_PREFIX: this.queuePrefix,
      MLFLOW_URL: this.mlflowUrl,
      MLFLOW_TIMEOUT_MS: '30000',
      BUNDLE_DIRECTORY: join(this.directory, 'bundles'),
      MONITOR_EVERY_MINUTES: '0',
      GAUGE_REFRESH_SECONDS: '1',
      SHUTDOWN_GRACE_MS: '0',
      LOG_LEVEL: 'fatal',
      // A busy machine must not look like an overload.
      MAX_LOOP_DELAY_MS: '60000',
      ...settings,
    });
    const service = await startService({
      module: AppModule.register(config),
      config,
      name: 'monitoring',
      version: 'test',
      apiKeys,
      logger: createLogger({ service: 'monitoring', version: 'test', level: config.logLevel }),
    });
    this.closers.push(service.close);
    return service;
  }

  /** The queues as another service has them. */
  async queues(): Promise<JobQueues> {
    const queues = await JobQueues.open({ url: this.redisUrl, prefix: this.queuePrefix, timeoutMs: 10_000 });
    this.closers.push(() => queues.close());
    return queues;
  }

  /** Records what scoring decided. */
  async record(rows: AssessmentRow[]): Promise<void> {
    const writer = await this.ledger.openWriter({
      spoolDirectory: join(this.directory, 'spool'),
      statementTimeoutMs: 60_000,
      maxInFlight: 100_000,
    });
    await Promise.all(rows.map((row) => writer.record(row)));
    await writer.close();
  }

  /** Closed before the servers are, the last one first. */
  onClose(close: () => Promise<void> | void): void {
    this.closers.push(close);
  }

  private keyEntries(): ApiKeyEntry[] {
    return [
      { name: 'reader', sha256: digestApiKey(this.keys.reader), scopes: ['read'] },
      { name: 'admin', sha256: digestApiKey(this.keys.admin), scopes: ['read', 'admin'] },
      { name: 'console', sha256: digestApiKey(this.keys.analyst), scopes: ['cases'] },
    ];
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    await this.ledger.close();
    await this.database.drop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  body: Body;
}

/** Asks with an API key; the answer's body as JSON. */
export async function ask<Body = Record<string, unknown>>(
  url: string,
  key: string,
  body?: unknown,
): Promise<Answer<Body>> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

/** Monitors a window and answers what it came to. */
export async function monitor(
  url: string,
  key: string,
  { model, fromMs, toMs }: { model: string; fromMs: number; toMs: number },
): Promise<MonitorResult> {
  const body = { model, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  const { body: asked } = await ask<JobView>(`${url}/v1/monitoring-runs`, key, body);
  let job = asked;
  await waitFor(async () => {
    job = (await ask<JobView>(`${url}/v1/monitoring-runs/${asked.id}`, key)).body;
    return job.state === 'completed' || job.state === 'failed';
  }, PATIENCE);
  if (job.state === 'failed') throw new Error(`the run failed: ${JSON.stringify(job.problem)}`);
  return job.result as MonitorResult;
}
