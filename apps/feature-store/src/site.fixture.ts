import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleManifest, type PseudonymousPayment } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import { migrate } from '@vigia/ledger';
import { OnlineStore } from '@vigia/online-store';
import {
  ApiKeys,
  createLogger,
  digestApiKey,
  mintApiKey,
  parseConfig,
  startService,
  type Service,
} from '@vigia/platform';
import { createTestDatabase, freePort, testPrefix, valkeyServer, type TestDatabase } from '@vigia/testing';
import { Redis } from 'ioredis';
import type { z } from 'zod';
import { AppModule } from './app.module.js';
import { GRPC, featureStoreConfig } from './config.js';

export const SECRET = 'a secret of the tests, 32 characters or more';

/** Where the feature store runs in a test: a fresh database, key prefixes, directories and API keys of its own. */
export class Site {
  readonly keys = { reader: mintApiKey(), admin: mintApiKey() };
  readonly set = compileFeatureSet(PIX);
  readonly directory = mkdtempSync(join(tmpdir(), 'vigia-feature-store-'));
  private readonly prefix = testPrefix();
  readonly queuePrefix = `${this.prefix}jobs`;
  private readonly closers: (() => Promise<void> | void)[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly redisUrl: string,
  ) {}

  static async open(redisUrl?: string): Promise<Site> {
    return new Site(await createTestDatabase(migrate), redisUrl ?? (await valkeyServer()));
  }

  /**
   * @param settings as in the environment
   * @param apiKeys in place of {@link keys}
   */
  async start(
    settings: Record<string, string> = {},
    apiKeys = this.apiKeys(),
  ): Promise<Service & { grpcAddress: string }> {
    const grpcPort = await freePort();
    const config = parseConfig(featureStoreConfig, {
      HOST: '127.0.0.1',
      PORT: '0',
      GRPC_PORT: String(grpcPort),
      DATABASE_URL: this.database.url,
      REDIS_URL: this.redisUrl,
      REDIS_PREFIX: this.prefix,
      QUEUE_PREFIX: this.queuePrefix,
      REDIS_TIMEOUT_MS: '5000',
      TRAINING_SET_DIRECTORY: this.path('training-sets'),
      AUDIT_DIRECTORY: this.path('audits'),
      OFFLINE_DIRECTORY: this.path('offline'),
      OFFLINE_MEMORY_MB: '256',
      PSEUDONYM_SECRET: SECRET,
      SHUTDOWN_GRACE_MS: '0',
      // A busy machine must not look like an overload.
      MAX_LOOP_DELAY_MS: '60000',
      ...settings,
    });
    const service = await startService({
      module: AppModule.register(config),
      config,
      name: 'feature-store',
      version: 'test',
      apiKeys,
      grpc: { ...GRPC, port: grpcPort },
      logger: createLogger({ service: 'feature-store', version: 'test', level: 'fatal' }),
    });
    this.closers.push(service.close);
    return { ...service, grpcAddress: `127.0.0.1:${grpcPort}` };
  }

  /** A client of the windows as scoring has it. */
  async onlineStore(): Promise<OnlineStore> {
    const options = { url: this.redisUrl, plan: this.set.plan, prefix: this.prefix, timeoutMs: 5_000 };
    const store = await OnlineStore.connect(options);
    this.closers.push(() => store.close());
    return store;
  }

  /** Every key of the windows with all that it holds. */
  async windows(): Promise<Map<string, string>> {
    const client = new Redis(this.redisUrl);
    try {
      const keys = (await client.keys(`${this.prefix}:*`)).sort();
      return new Map(
        await Promise.all(keys.map(async (key) => [key, (await client.dumpBuffer(key))!.toString('hex')] as const)),
      );
    } finally {
      client.disconnect();
    }
  }

  /** What scoring asks of the windows for a payment. */
  requestOf(payment: PseudonymousPayment) {
    return {
      eventId: payment.endToEndId,
      atMs: payment.acceptedAtMs,
      amountCents: payment.amountCents,
      observe: this.set.observes(payment),
      entities: this.set.entitiesOf(payment),
    };
  }

  /** A bundle of which only the manifest exists; answers its address. */
  bundle(name: string, overrides: Partial<z.input<typeof bundleManifest>>): string {
    const directory = this.path(name);
    mkdirSync(directory, { recursive: true });
    const part = { from: '', to: '', rows: 0, frauds: 0 };
    const manifest = bundleManifest.parse({
      format: 2,
      name,
      version: '1',
      createdAt: '2026-11-20T00:00:00.000Z',
      featureSet: { name: 'pix', hash: this.set.hash },
      features: this.set.features,
      algorithm: 'xgboost',
      explanation: 'trees',
      calibration: { method: 'platt', slope: 1, intercept: 0 },
      thresholds: { review: 0.1, reject: 0.5 },
      metrics: {},
      training: { ...part, datasetSha256: '0'.repeat(64), seed: 1 },
      validation: part,
      holdOut: part,
      parameters: {},
      codeCommit: '',
      lockSha256: '0'.repeat(64),
      files: {},
      ...overrides,
    });
    writeFileSync(join(directory, 'bundle.json'), JSON.stringify(manifest));
    return `file:${directory}`;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  private apiKeys(): ApiKeys {
    return new ApiKeys([
      { name: 'reader', sha256: digestApiKey(this.keys.reader), scopes: ['read'] },
      { name: 'admin', sha256: digestApiKey(this.keys.admin), scopes: ['admin'] },
    ]);
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    await this.database.drop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Asks with an API key; the answer's body as JSON. */
export async function ask(
  url: string,
  key: string,
  request: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: request.method ?? (request.body === undefined ? 'GET' : 'POST'),
    headers: {
      'x-api-key': key,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
