import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that its starter owns: it may be killed and started again on the same port and data. */
export interface OwnedServer {
  readonly url: string;
  readonly port: number;
  /** Process id of the server; changes with {@link restart}. */
  readonly pid: number;
  /** Ends it in order; a temporary data directory goes with it. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash; the data stay. */
  kill9(): Promise<void>;
  /** Same port, same data; ends the old process first where it still runs. */
  restart(): Promise<void>;
}

export interface ServerRecipe {
  name: string;
  url: string;
  port: number;
  binary: string;
  args: string[];
  /** User to run as; PostgreSQL refuses root. */
  identity: { uid?: number; gid?: number };
  workingDirectory: string;
  logFile: string;
  /** Removed when the server is stopped, or when the starter dies without stopping it. */
  temporaryDirectory?: string;
  environment?: Record<string, string>;
  /** Signals go to the processes that the server started, too: it does not pass them on itself. */
  wholeGroup?: boolean;
  /** Default 30,000. */
  startTimeoutMs?: number;
  /** Resolves true when the server answers. */
  isReady: () => Promise<boolean>;
}

const START_TIMEOUT_MS = 30_000;

/**
 * Waits for its standard input to close, which the system does when the starter ends in whatever way, kill -9 included;
 * then ends the server ($1) and removes its temporary directory ($2). Only "-s NAME" may stand before "--" in dash.
 */
const WATCHDOG = `read -r _; n=0
if [ -n "$1" ]; then kill -s INT -- "$1"; while kill -s 0 -- "$1" && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done; fi
if [ -n "$2" ]; then rm -rf "$2"; fi`;

/** Starts what the recipe says and waits until it answers. Throws with the end of its log when it doesn't. */
export async function startServer(recipe: ServerRecipe): Promise<OwnedServer> {
  let running = await launch(recipe);

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    running.watchdog.kill();
    if (!hasEnded(running.server)) {
      // Keeps the starter alive until then, or it leaves without the clean-up that comes after.
      running.server.ref();
      const ended = new Promise((resolve) => running.server.once('exit', resolve));
      process.kill(targetOf(recipe, running.server), signal);
      await ended;
    }
  };

  return {
    url: recipe.url,
    port: recipe.port,
    get pid() {
      return running.server.pid!;
    },
    async stop() {
      await end('SIGINT');
      if (recipe.temporaryDirectory) rmSync(recipe.temporaryDirectory, { recursive: true, force: true });
    },
    async kill9() {
      await end('SIGKILL');
      // For the directory alone: by the time the starter ends, the process id may be another's.
      running.watchdog = spawnWatchdog(undefined, recipe.temporaryDirectory);
    },
    async restart() {
      await end('SIGINT');
      running = await launch(recipe);
    },
  };
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * After a kill -9 PostgreSQL may refuse for a moment, while the last backends of the old server let go of its memory:
 * a server that ends by itself is tried again until the time is up.
 */
async function launch(recipe: ServerRecipe): Promise<{ server: ChildProcess; watchdog: ChildProcess }> {
  const timeoutMs = recipe.startTimeoutMs ?? START_TIMEOUT_MS;
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const server = spawnServer(recipe);
    if (server.pid === undefined) break;
    const watchdog = spawnWatchdog(targetOf(recipe, server), recipe.temporaryDirectory);
    while (!hasEnded(server) && Date.now() < deadline) {
      if (await recipe.isReady()) return { server, watchdog };
      await sleep(20);
    }
    watchdog.kill();
    if (!hasEnded(server)) process.kill(targetOf(recipe, server), 'SIGKILL');
    await sleep(200);
  }
  const log = readFileSync(recipe.logFile, 'utf8').slice(-2_000);
  throw new Error(`${recipe.name} (${recipe.binary}) did not start within ${timeoutMs} ms:\n${log}`);
}

function spawnServer(recipe: ServerRecipe): ChildProcess {
  const log = openSync(recipe.logFile, 'a');
  const server = spawn(recipe.binary, recipe.args, {
    ...recipe.identity,
    cwd: recipe.workingDirectory,
    env: { ...process.env, ...recipe.environment },
    stdio: ['ignore', log, log],
    // Not in the terminal's group: Ctrl-C must reach the starter, which then ends the server in order.
    detached: true,
  });
  closeSync(log);
  server.on('error', () => undefined);
  server.unref();
  return server;
}

/** What `kill` takes: the process, or its group, which it leads. */
function targetOf({ wholeGroup }: ServerRecipe, { pid }: ChildProcess): number {
  return wholeGroup === true ? -pid! : pid!;
}

function spawnWatchdog(serverPid: number | undefined, temporaryDirectory: string | undefined): ChildProcess {
  const watchdog = spawn('sh', ['-c', WATCHDOG, 'watchdog', String(serverPid ?? ''), temporaryDirectory ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return watchdog;
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}
