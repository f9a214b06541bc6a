import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PIX, compileFeatureSet } from '@vigia/features';
import { Ledger, migrate, type AssessmentRow } from '@vigia/ledger';
import {
  ApiKeys,
  createLogger,
  digestApiKey,
  mintApiKey,
  parseConfig,
  startService,
  type ApiKeyEntry,
  type JobView,
  type Service,
} from '@vigia/platform';
import {
  createTestDatabase,
  pseudonymousPaymentBuilder,
  testPrefix,
  valkeyServer,
  waitFor,
  type TestDatabase,
} from '@vigia/testing';
import { AppModule } from './app.module.js';
import { trainingWorkerConfig } from './config.js';
import { commandDirectory } from './executor/commands.fixture.js';
import type { Command } from './executor/executor.js';

const ROOT = resolve(__dirname, '../../..');

/** Of what runs real commands on a machine that is busy. */
export const PATIENCE = { timeoutMs: 300_000, intervalMs: 100 };

/** Where the worker runs in a test: a fresh database, queues, directories and API keys of its own. */
export class Site {
  readonly keys = { reader: mintApiKey(), admin: mintApiKey() };
  readonly directory = mkdtempSync(join(tmpdir(), 'vigia-training-worker-'));
  readonly ledger: Ledger;
  private readonly queuePrefix = `${testPrefix()}jobs`;
  private readonly closers: (() => Promise<void> | void)[] = [];

  private constructor(
    private readonly database: TestDatabase,
    private readonly redisUrl: string,
    private readonly mlflowUrl: string,
  ) {
    this.ledger = Ledger.connect({ url: database.url });
  }

  /** @param mlflowUrl by default one at which nobody answers */
  static async open(mlflowUrl = 'http://127.0.0.1:9'): Promise<Site> {
    return new Site(await createTestDatabase(migrate), await valkeyServer(), mlflowUrl);
  }

  /** As in the environment. Commands are the real ones unless scripts are given. */
  settings(overrides: Record<string, string> = {}): Record<string, string> {
    return {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: this.database.url,
      REDIS_URL: this.redisUrl,
      REDIS_TIMEOUT_MS: '10000',
      QUEUE_PREFIX: this.queuePrefix,
      MLFLOW_URL: this.mlflowUrl,
      MLFLOW_TIMEOUT_MS: '30000',
      TRAINING_SET_DIRECTORY: this.path('training-sets'),
      WORK_DIRECTORY: this.path('work'),
      TRAINER_DIRECTORY: join(ROOT, 'pipelines/.venv/bin'),
      SHUTDOWN_GRACE_MS: '0',
      LOG_LEVEL: 'fatal',
      // A busy machine must not look like an overload.
      MAX_LOOP_DELAY_MS: '60000',
      ...overrides,
    };
  }

  /** Settings for commands that are shell scripts. */
  scripts(scripts: Partial<Record<Command, string>>): Record<string, string> {
    return { TRAINER_DIRECTORY: commandDirectory(this.path('bin'), scripts) };
  }

  async start(settings: Record<string, string> = {}, apiKeys = new ApiKeys(this.keyEntries())): Promise<Service> {
    const config = parseConfig(trainingWorkerConfig, this.settings(settings));
    const service = await startService({
      module: AppModule.register(config),
      config,
      name: 'training-worker',
      version: 'test',
      apiKeys,
      logger: createLogger({ service: 'training-worker', version: 'test', level: config.logLevel }),
    });
    this.closers.push(service.close);
    return service;
  }

  /** Settings of a worker in a process of its own. */
  processSettings(port: number, overrides: Record<string, string>): Record<string, string> {
    const apiKeysFile = this.path('api-keys.json');
    writeFileSync(apiKeysFile, JSON.stringify(this.keyEntries()));
    return this.settings({ PORT: String(port), API_KEYS_FILE: apiKeysFile, ...overrides });
  }

  /** Makes a training set of the pix feature set, a small one. */
  trainingSet(name: string, overrides: { rows?: number; seed?: number; frauds?: boolean } = {}): void {
    const { name: setName, hash, features } = compileFeatureSet(PIX);
    const specification = JSON.stringify({ featureSet: { name: setName, hash }, features, ...overrides });
    const script = join(ROOT, 'apps/training-worker/fixtures/make_training_set.py');
    const folder = join(this.path('training-sets'), name);
    execFileSync(join(ROOT, 'pipelines/.venv/bin/python'), [script, folder, specification]);
  }

  /** Records what scoring decided. */
  async record(rows: AssessmentRow[]): Promise<void> {
    const writer = await this.ledger.openWriter({ spoolDirectory: this.path('spool') });
    await Promise.all(rows.map((row) => writer.record(row)));
    await writer.close();
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  private keyEntries(): ApiKeyEntry[] {
    return [
      { name: 'reader', sha256: digestApiKey(this.keys.reader), scopes: ['read'] },
      { name: 'admin', sha256: digestApiKey(this.keys.admin), scopes: ['read', 'admin'] },
    ];
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    await this.ledger.close();
    await this.database.drop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Asks with an API key; the answer's body as JSON. */
export async function ask(
  url: string,
  key: string,
  request: { method?: string; body?: unknown; idempotencyKey?: string } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: request.method ?? (request.body === undefined ? 'GET' : 'POST'),
    headers: {
      'x-api-key': key,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(request.idempotencyKey === undefined ? {} : { 'idempotency-key': request.idempotencyKey }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const { status, headers } = response;
  return { status, headers, body: (await response.json()) as Record<string, unknown> };
}

/** Follows a job until it is in one of these states. */
export async function jobIn(
  url: string,
  key: string,
  { queue, id }: { queue: string; id: string },
  ...states: JobView['state'][]
): Promise<JobView> {
  let job: JobView | undefined;
  await waitFor(async () => {
    const { body } = await ask(`${url}/v1/jobs/${queue}/${id}`, key);
    job = body as unknown as JobView;
    return states.includes(job.state);
  }, PATIENCE);
  return job!;
}

export const OVER: JobView['state'][] = ['completed', 'failed', 'cancelled'];

/** A payment that a model approved; each call has another EndToEndId. */
export function decidedPayment(overrides: Partial<AssessmentRow>): AssessmentRow {
  const payment = pseudonymousPaymentBuilder();
  return {
    endToEndId: payment.endToEndId,
    side: payment.side,
    acceptedAtMs: payment.acceptedAtMs,
    decidedAtMs: payment.acceptedAtMs + 7,
    arrivedUs: payment.acceptedAtMs * 1_000,
    caller: 'core-banking',
    contentSha256: Buffer.alloc(32),
    payment,
    vector: Float32Array.of(1),
    effective: {},
    probability: 0.1,
    margin: -2,
    decision: 'approve',
    action: { kind: 'send' },
    reasons: [],
    rules: [],
    warnings: [],
    degraded: [],
    model: null,
    policy: { name: 'pix-payer', version: '3' },
    featureSet: { name: 'pix', hash: 'a'.repeat(64) },
    timingsUs: {},
    ...overrides,
  };
}
