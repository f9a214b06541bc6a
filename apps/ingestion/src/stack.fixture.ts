import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { migrate } from '@vigia/ledger';
import {
  ApiKeys,
  Pseudonymiser,
  digestApiKey,
  mintApiKey,
  parseConfig,
  startService,
  type Service,
} from '@vigia/platform';
import { createTestDatabase, testPrefix, valkeyServer, waitFor, type TestDatabase } from '@vigia/testing';
import { AppModule } from './app.module.js';
import { RAW_BODIES, ingestionConfig } from './config.js';

const ROOT = resolve(__dirname, '../../..');
const SECRET = 'a secret of the tests, 32 characters or more';

/** The pseudonyms that scoring makes. */
export const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.from(SECRET) });

/** The real scoring service in a process of its own, on a fresh database and a key prefix of its own. */
export class Stack {
  readonly key = mintApiKey();
  /** May assess only. */
  readonly otherKey = mintApiKey();
  private readonly directory = mkdtempSync(join(tmpdir(), 'vigia-ingestion-'));
  private readonly prefix = testPrefix();
  private readonly services: Service[] = [];
  private database!: TestDatabase;
  private redisUrl!: string;
  private scoring: ChildProcess | undefined;
  private grpcPort!: number;
  private httpPort!: number;

  /** @param blocked pseudonyms whose payments are rejected */
  static async start(blocked: string[] = []): Promise<Stack> {
    const stack = new Stack();
    stack.database = await createTestDatabase(migrate);
    stack.redisUrl = await valkeyServer();
    stack.grpcPort = await freePort();
    stack.httpPort = await freePort();
    const entry = (name: string, key: string, scopes: string[]) => ({ name, sha256: digestApiKey(key), scopes });
    stack.write('keys.json', [
      entry('bank', stack.key, ['assess', 'ingest', 'outcomes', 'read']),
      entry('other', stack.otherKey, ['assess']),
    ]);
    writeFileSync(stack.path('blocked'), blocked.join('\n'));
    await stack.startScoring();
    return stack;
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** The ingestion service in this process. @param settings as in the environment */
  async ingestion(settings: Record<string, string> = {}): Promise<Service> {
    const config = parseConfig(ingestionConfig, {
      HOST: '127.0.0.1',
      PORT: '0',
      SCORING_ADDRESS: `127.0.0.1:${this.grpcPort}`,
      SCORING_API_KEY: this.key,
      SCORING_DEADLINE_MS: '10000',
      DATABASE_URL: this.database.url,
      DATABASE_TIMEOUT_MS: '10000',
      REDIS_URL: this.redisUrl,
      REDIS_TIMEOUT_MS: '2000',
      REDIS_PREFIX: this.prefix,
      LABEL_RETRY_MS: '50',
      MAX_LOOP_DELAY_MS: '10000',
      SHUTDOWN_GRACE_MS: '0',
      LOG_LEVEL: 'silent',
      ...settings,
    });
    const service = await startService({
      module: AppModule.register(config),
      config,
      name: 'ingestion',
      version: '0.0.0',
      apiKeys: ApiKeys.load(this.path('keys.json')),
      rawBodies: RAW_BODIES,
    });
    this.services.push(service);
    return service;
  }

  /** An assessment as scoring recorded it, with its features by name. */
  async assessment(endToEndId: string): Promise<{ side: string; decision: string; vector: Record<string, number> }> {
    const url = `http://127.0.0.1:${this.httpPort}/v1/assessments/${endToEndId}?include=vector`;
    const response = await fetch(url, { headers: { 'x-api-key': this.key } });
    if (response.status !== 200) throw new Error(`scoring answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { side: string; decision: string; vector: Record<string, number> };
  }

  async startScoring(): Promise<void> {
    const hook = join(ROOT, 'libs/testing/src/typescript-hook.cjs');
    const main = join(ROOT, 'apps/scoring/src/main.ts');
    this.scoring = spawn(process.execPath, ['--conditions=@vigia/source', '--require', hook, main], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        HOST: '127.0.0.1',
        PORT: String(this.httpPort),
        GRPC_PORT: String(this.grpcPort),
        DATABASE_URL: this.database.url,
        DATABASE_TIMEOUT_MS: '10000',
        REDIS_URL: this.redisUrl,
        REDIS_TIMEOUT_MS: '2000',
        REDIS_PREFIX: this.prefix,
        SPOOL_DIRECTORY: this.path('spool'),
        API_KEYS_FILE: this.path('keys.json'),
        BLOCKED_PARTIES_FILE: this.path('blocked'),
        PSEUDONYM_SECRET: SECRET,
        MAX_LOOP_DELAY_MS: '10000',
        SHUTDOWN_GRACE_MS: '0',
        LOG_LEVEL: 'fatal',
      },
    });
    const ready = `http://127.0.0.1:${this.httpPort}/health/ready`;
    await waitFor(async () => (await fetch(ready)).ok, { timeoutMs: 60_000, intervalMs: 100 });
  }

  async stopScoring(): Promise<void> {
    const { scoring } = this;
    if (!scoring || scoring.exitCode !== null || scoring.signalCode !== null) return;
    const ended = new Promise((settle) => scoring.once('exit', settle));
    scoring.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.close()));
    await this.stopScoring();
    await this.database.drop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private write(name: string, content: unknown): void {
    writeFileSync(this.path(name), JSON.stringify(content));
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle));
  const { port } = probe.address() as AddressInfo;
  await new Promise((settle) => probe.close(settle));
  return port;
}
