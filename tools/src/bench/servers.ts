import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@vigia/ledger';
import { digestApiKey, mintApiKey } from '@vigia/platform';
import { startPostgres, startValkey, type OwnedServer } from '@vigia/testing';
import { startApp, type RunningApp } from '../stack.js';

/** Servers of one run, empty at its start and gone after it. PostgreSQL keeps its defaults: every commit is on disk. */
export class BenchServers {
  readonly key = mintApiKey();
  readonly pseudonymSecret = randomBytes(32).toString('hex');
  private readonly apps: RunningApp[] = [];

  private constructor(
    readonly directory: string,
    readonly postgres: OwnedServer,
    readonly valkey: OwnedServer,
  ) {}

  static async start(): Promise<BenchServers> {
    const directory = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
    const [postgres, valkey] = await Promise.all([
      startPostgres(),
      startValkey({ settings: { appendonly: 'yes', appendfsync: 'everysec' } }),
    ]);
    await migrate(postgres.url);
    return new BenchServers(directory, postgres, valkey);
  }

  /** Starts one scoring process; `changes` to its environment take parts of the path away. */
  async startScoring(changes: Record<string, string>): Promise<RunningApp & { port: number }> {
    const apiKeysFile = join(this.directory, 'api-keys.json');
    writeFileSync(apiKeysFile, JSON.stringify([{ name: 'bench', sha256: digestApiKey(this.key), scopes: ['assess'] }]));
    const port = await freePort();
    const environment = {
      HOST: '127.0.0.1',
      PORT: String(port),
      GRPC_PORT: String(await freePort()),
      DATABASE_URL: this.postgres.url,
      REDIS_URL: this.valkey.url,
      API_KEYS_FILE: apiKeysFile,
      PSEUDONYM_SECRET: this.pseudonymSecret,
      SPOOL_DIRECTORY: mkdtempSync(join(this.directory, 'spool-')),
      POLICY_CACHE_DIRECTORY: join(this.directory, 'policies'),
      SHUTDOWN_GRACE_MS: '0',
      NODE_ENV: 'production',
      ...changes,
    };
    const app = await startApp('scoring', this.directory, environment, `http://127.0.0.1:${port}/health/ready`);
    this.apps.push(app);
    return { ...app, port };
  }

  async stop(): Promise<void> {
    for (const app of this.apps) await app.stop();
    await this.valkey.stop();
    await this.postgres.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
