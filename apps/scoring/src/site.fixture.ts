import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger, migrate } from '@vigia/ledger';
import { ApiKeys, digestApiKey, mintApiKey, parseConfig, startService, type Service } from '@vigia/platform';
import {
  createTestDatabase,
  spawnTypescript,
  testPrefix,
  valkeyServer,
  waitFor,
  type TestDatabase,
} from '@vigia/testing';
import { AppModule } from './app.module.js';
import { scoringConfig } from './config.js';

const DAY_MS = 86_400_000;

/** A scoring process of its own. */
export interface ScoringProcess {
  url: string;
  grpcAddress: string;
  stop(): Promise<void>;
}

/** Where scoring runs in a test: a fresh database, a key prefix and API keys of its own. */
export class Site {
  readonly keys = { full: mintApiKey(), reader: mintApiKey(), slow: mintApiKey() };
  private readonly directory = mkdtempSync(join(tmpdir(), 'vigia-scoring-'));
  private readonly prefix = testPrefix();
  private readonly closers: (() => Promise<void>)[] = [];
  private started = 0;

  /** What the ledger holds. */
  readonly ledger: Ledger;

  private constructor(
    private readonly database: TestDatabase,
    private readonly redisUrl: string,
  ) {
    this.ledger = Ledger.connect({ url: database.url });
    this.closers.push(() => this.ledger.close());
    const entries = [
      { name: 'full', sha256: digestApiKey(this.keys.full), scopes: ['assess', 'read'] },
      { name: 'reader', sha256: digestApiKey(this.keys.reader), scopes: ['read'] },
      { name: 'slow', sha256: digestApiKey(this.keys.slow), scopes: ['assess'], ratePerSecond: 0.001, burst: 1 },
    ];
    writeFileSync(join(this.directory, 'keys.json'), JSON.stringify(entries));
  }

  static async open(): Promise<Site> {
    return new Site(await createTestDatabase(migrate), await valkeyServer());
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  /** Scoring within this process, HTTP only. */
  async startHere(environment: Record<string, string> = {}): Promise<Service> {
    const config = parseConfig(scoringConfig, { ...this.environment(), LOG_LEVEL: 'error', ...environment });
    const service = await startService({
      module: AppModule.register(config),
      config,
      name: 'scoring',
      version: '0.0.0',
      apiKeys: ApiKeys.load(config.apiKeysFile),
    });
    this.closers.push(service.close);
    return service;
  }

  /** Scoring as it runs, HTTP and gRPC. */
  async startProcess(): Promise<ScoringProcess> {
    const grpcPort = String(await freePort());
    const child = spawnTypescript(join(__dirname, 'main.ts'), [], { ...this.environment(), GRPC_PORT: grpcPort });
    let log = '';
    child.stdout.on('data', (bytes: Buffer) => (log += bytes.toString()));
    const ended = new Promise<void>((settle) => child.once('exit', () => settle()));
    const listening = () => /"url":"([^"]*)"[^\n]*"msg":"listening"/.exec(log)?.[1];
    const stop = async (): Promise<void> => {
      child.kill();
      await ended;
    };
    this.closers.push(stop);
    await waitFor(() => listening() !== undefined || child.exitCode !== null, { timeoutMs: 60_000 });
    const url = listening();
    if (url === undefined) throw new Error(`scoring did not start:\n${log}`);
    return { url, grpcAddress: `127.0.0.1:${grpcPort}`, stop };
  }

  /** How often a payment of about now stands in the record. */
  async rowsOf(endToEndId: string): Promise<number> {
    const [fromMs, toMs] = [Date.now() - DAY_MS, Date.now() + DAY_MS];
    const { rows } = await this.ledger.listAssessments({ fromMs, toMs, limit: 10_000 });
    return rows.filter((row) => row.endToEndId === endToEndId).length;
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    await this.database.drop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private environment(): Record<string, string> {
    return {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: this.database.url,
      REDIS_URL: this.redisUrl,
      REDIS_PREFIX: this.prefix,
      SPOOL_DIRECTORY: join(this.directory, `spool-${this.started++}`),
      POLICY_CACHE_DIRECTORY: join(this.directory, 'policies'),
      API_KEYS_FILE: join(this.directory, 'keys.json'),
      PSEUDONYM_SECRET: 'a secret of the tests, 32 characters or more',
      SHUTDOWN_GRACE_MS: '0',
      // A busy machine must not look like an outage or an overload.
      DATABASE_TIMEOUT_MS: '10000',
      REDIS_TIMEOUT_MS: '5000',
      MAX_LOOP_DELAY_MS: '60000',
    };
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle));
  const { port } = probe.address() as AddressInfo;
  await new Promise((settle) => probe.close(settle));
  return port;
}
