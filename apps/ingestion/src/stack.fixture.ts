import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { migrate } from '@vigia/ledger';
import { Pseudonymiser, digestApiKey, mintApiKey } from '@vigia/platform';
import { createTestDatabase, testPrefix, valkeyServer, waitFor, type TestDatabase } from '@vigia/testing';

const ROOT = resolve(__dirname, '../../..');
const HOOK = join(ROOT, 'libs/testing/src/typescript-hook.cjs');
const SECRET = 'a secret of the tests, 32 characters or more';

/** The pseudonyms that scoring makes. */
export const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.from(SECRET) });

/** A service in a process of its own, from its sources. */
export interface Running {
  url: string;
  /** All that it wrote to its log. */
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Scoring and ingestion as they run, on a fresh database and a key prefix of their own. */
export class Stack {
  readonly key = mintApiKey();
  /** May assess only. */
  readonly otherKey = mintApiKey();
  readonly directory = mkdtempSync(join(tmpdir(), 'vigia-ingestion-'));
  private readonly running: Running[] = [];
  private scoring: Running | undefined;

  private constructor(
    readonly database: TestDatabase,
    readonly redisUrl: string,
    private readonly ports: { http: number; grpc: number },
    readonly prefix = testPrefix(),
  ) {}

  /** @param options.blocked pseudonyms whose payments are rejected; `redisUrl` instead of the shared server */
  static async start(options: { blocked?: string[]; redisUrl?: string } = {}): Promise<Stack> {
    const database = await createTestDatabase(migrate);
    const ports = { http: await freePort(), grpc: await freePort() };
    const stack = new Stack(database, options.redisUrl ?? (await valkeyServer()), ports);
    const entry = (name: string, key: string, scopes: string[]) => ({ name, sha256: digestApiKey(key), scopes });
    const keys = [
      entry('bank', stack.key, ['assess', 'ingest', 'outcomes', 'read']),
      entry('other', stack.otherKey, ['assess']),
    ];
    writeFileSync(stack.path('keys.json'), JSON.stringify(keys));
    writeFileSync(stack.path('blocked'), (options.blocked ?? []).join('\n'));
    await stack.startScoring();
    return stack;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** @param settings as in the environment */
  ingestion(settings: Record<string, string> = {}): Promise<Running> {
    return this.run('ingestion', {
      PORT: '0',
      SCORING_ADDRESS: `127.0.0.1:${this.ports.grpc}`,
      SCORING_API_KEY: this.key,
      SCORING_DEADLINE_MS: '10000',
      LABEL_RETRY_MS: '50',
      ...settings,
    });
  }

  async startScoring(): Promise<void> {
    this.scoring = await this.run('scoring', {
      PORT: String(this.ports.http),
      GRPC_PORT: String(this.ports.grpc),
      SPOOL_DIRECTORY: this.path('spool'),
      BLOCKED_PARTIES_FILE: this.path('blocked'),
      PSEUDONYM_SECRET: SECRET,
    });
  }

  /** As a crash. */
  async stopScoring(): Promise<void> {
    await this.scoring?.stop('SIGKILL');
  }

  /** An assessment as scoring recorded it, with its features by name. */
  async assessment(endToEndId: string): Promise<{ side: string; decision: string; vector: Record<string, number> }> {
    const url = `${this.scoring!.url}/v1/assessments/${endToEndId}?include=vector`;
    const response = await fetch(url, { headers: { 'x-api-key': this.key } });
    if (response.status !== 200) throw new Error(`scoring answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { side: string; decision: string; vector: Record<string, number> };
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((service) => service.stop()));
    await this.database.drop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async run(app: string, settings: Record<string, string>): Promise<Running> {
    const env = {
      HOST: '127.0.0.1',
      DATABASE_URL: this.database.url,
      DATABASE_TIMEOUT_MS: '10000',
      REDIS_URL: this.redisUrl,
      REDIS_TIMEOUT_MS: '2000',
      REDIS_PREFIX: this.prefix,
      API_KEYS_FILE: this.path('keys.json'),
      // A busy machine must not make a test fail.
      MAX_LOOP_DELAY_MS: '60000',
      SHUTDOWN_GRACE_MS: '0',
      LOG_LEVEL: 'debug',
      ...settings,
    };
    const service = await started(spawnApp(join('apps', app, 'src/main.ts'), [], env));
    this.running.push(service);
    return service;
  }
}

/** Runs a source file of the workspace with this environment and no other. */
export function spawnApp(file: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ['--conditions=@vigia/source', '--require', HOOK, join(ROOT, file), ...args], { env });
}

async function started(child: ChildProcess): Promise<Running> {
  let log = '';
  child.stdout!.on('data', (bytes: Buffer) => (log += bytes.toString()));
  child.stderr!.on('data', (bytes: Buffer) => (log += bytes.toString()));
  const ended = new Promise<void>((settle) => child.once('exit', () => settle()));
  let url: string | undefined;
  await waitFor(
    () => {
      url = /"url":"([^"]*)"[^\n]*"msg":"listening"/.exec(log)?.[1];
      return url !== undefined || child.exitCode !== null;
    },
    { timeoutMs: 60_000 },
  );
  if (url === undefined) throw new Error(`it did not start:\n${log}`);
  return {
    url,
    log: () => log,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle));
  const { port } = probe.address() as AddressInfo;
  await new Promise((settle) => probe.close(settle));
  return port;
}
