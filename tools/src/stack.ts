import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@vigia/ledger';
import { digestApiKey, mintApiKey, type ApiScope } from '@vigia/platform';
import { startMlflow, startPostgres, startValkey, type OwnedServer } from '@vigia/testing';
import { Client } from 'pg';

export const WORKSPACE = resolve(__dirname, '../..');

/** Addresses and secrets of a local stack; an address in the environment replaces the embedded server. */
export interface Stack {
  directory: string;
  databaseUrl: string;
  redisUrl: string;
  /** Where MLflow was asked for. */
  mlflowUrl?: string;
  pseudonymSecret: string;
  apiKeysFile: string;
  /** The key itself, for the one who calls. */
  key: string;
  stop(): Promise<void>;
}

const SCOPES: ApiScope[] = ['assess', 'ingest', 'outcomes', 'read', 'cases', 'admin'];

export type MlflowStack = Stack & { mlflowUrl: string };

interface StackOptions {
  /** MLflow, too: it takes 12 s and 550 MB. */
  mlflow?: boolean;
}

/** Starts PostgreSQL and Valkey on data that stay in `directory`, and makes an API key and a secret at the first time. */
export async function startStack(directory: string, options: { mlflow: true }): Promise<MlflowStack>;
export async function startStack(directory: string, options?: StackOptions): Promise<Stack>;
export async function startStack(directory: string, options: StackOptions = {}): Promise<Stack> {
  mkdirSync(directory, { recursive: true });
  // PostgreSQL may run as a user of its own and must reach its data below.
  chmodSync(directory, 0o755);
  const owned: OwnedServer[] = [];
  const redisUrl =
    process.env['REDIS_URL'] ??
    (await own(owned, startValkey({ dataDirectory: join(directory, 'valkey'), settings: { appendonly: 'yes' } })));
  const databaseUrl =
    process.env['DATABASE_URL'] ??
    (await createDatabase(await own(owned, startPostgres({ dataDirectory: join(directory, 'postgres') })), 'vigia'));
  const mlflowUrl = options.mlflow
    ? (process.env['MLFLOW_URL'] ?? (await own(owned, startMlflow({ dataDirectory: join(directory, 'mlflow') }))))
    : undefined;
  await migrate(databaseUrl);
  const secrets = secretsIn(directory);
  return {
    directory,
    databaseUrl,
    redisUrl,
    ...(mlflowUrl === undefined ? {} : { mlflowUrl }),
    ...secrets,
    stop: async () => {
      for (const server of owned.reverse()) await server.stop();
    },
  };
}

async function own(owned: OwnedServer[], starting: Promise<OwnedServer>): Promise<string> {
  const server = await starting;
  owned.push(server);
  return server.url;
}

/** The address of a database of that name on the same server; made where it is not there. */
export async function createDatabase(administratorUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: administratorUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (!rowCount) await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(administratorUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function secretsIn(directory: string): Pick<Stack, 'apiKeysFile' | 'key' | 'pseudonymSecret'> {
  const file = join(directory, 'secrets.json');
  if (!existsSync(file)) {
    const secrets = { key: mintApiKey(), pseudonymSecret: randomBytes(32).toString('hex') };
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  }
  const secrets = JSON.parse(readFileSync(file, 'utf8')) as { key: string; pseudonymSecret: string };
  const apiKeysFile = join(directory, 'api-keys.json');
  writeFileSync(apiKeysFile, JSON.stringify([{ name: 'demo', sha256: digestApiKey(secrets.key), scopes: SCOPES }]));
  return { ...secrets, apiKeysFile };
}

export interface RunningApp {
  readonly pid: number;
  /** Drains and ends it. Answers its exit code, null where a signal ended it. */
  stop(): Promise<number | null>;
  /** SIGKILL, as a crash. */
  kill9(): Promise<number | null>;
}

/**
 * Starts a built app and waits until `readyUrl` answers 200. Its log goes to `<directory>/<name>.log`.
 * @throws with the end of the log when the app ends or is not ready in time
 */
export async function startApp(
  name: string,
  directory: string,
  environment: Record<string, string>,
  readyUrl: string,
): Promise<RunningApp> {
  mkdirSync(directory, { recursive: true });
  const logFile = join(directory, `${name}.log`);
  const log = openSync(logFile, 'a');
  const app = spawn(process.execPath, [join(WORKSPACE, 'apps', name, 'dist/main.js')], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', log, log],
  });
  // A machine with more to do than cores takes most of a minute for what is 2 s alone.
  const deadline = Date.now() + 90_000;
  while (!(await answers(readyUrl))) {
    if (hasEnded(app) || Date.now() > deadline) {
      app.kill('SIGKILL');
      throw new Error(
        `${name} did not become ready; the end of ${logFile}:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`,
      );
    }
    await sleep(50);
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (hasEnded(app)) return app.exitCode;
    const ended = new Promise<void>((settle) => app.once('exit', () => settle()));
    app.kill(signal);
    await ended;
    return app.exitCode;
  };
  return { pid: app.pid!, stop: () => end('SIGTERM'), kill9: () => end('SIGKILL') };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

const hasEnded = (app: ChildProcess): boolean => app.exitCode !== null || app.signalCode !== null;
