import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CommandOutput } from './command-output.js';
import type { Executor, Task } from './executor.js';
import { faultOfEnd } from './exit-codes.js';
import type { JobLogs } from './job-logs.js';

/** Becomes the command once it is told to go; where the worker died before, standard input closes and it ends. */
const HELD = 'read -r _ && exec "$@" </dev/null';

/**
 * Waits for its standard input to close, which the system does when the worker dies in whatever way, kill -9 included;
 * then ends the group ($1), at the latest after $2 tenths of a second. Only "-s NAME" may stand before "--" in dash.
 */
const GUARD = `read -r _; kill -s TERM -- "-$1"; n=0
while kill -s 0 -- "-$1" 2>/dev/null && [ $n -lt $2 ]; do sleep 0.1; n=$((n+1)); done; kill -s KILL -- "-$1"`;

export interface ProcessExecutorOptions {
  /** Directory of the commands. */
  directory: string;
  logs: JobLogs;
  /** Time between SIGTERM and SIGKILL. */
  graceMs: number;
  now: () => number;
}

/** Runs commands as processes beside this one, each the leader of its group, which ends with it and with this process. */
export class ProcessExecutor implements Executor {
  constructor(private readonly options: ProcessExecutorOptions) {}

  /** Never: a command ends with the process that began it. */
  isBegun(): Promise<boolean> {
    return Promise.resolve(false);
  }

  goesOn(): boolean {
    return false;
  }

  async run(task: Task): Promise<unknown> {
    task.signal.throwIfAborted();
    const { logs, now } = this.options;
    const log = await logs.open(task.jobId);
    try {
      await log.write(`--- ${new Date(now()).toISOString()} ${task.command} ${task.args.join(' ')}\n`);
      return await this.runWith(log, task);
    } finally {
      await log.close();
    }
  }

  private async runWith(log: FileHandle, { command, args, progress, signal }: Task): Promise<unknown> {
    const { directory, graceMs } = this.options;
    const held = ['-c', HELD, command, join(directory, command), ...args];
    const child = spawn('sh', held, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    // Without its starter's word, as after a failed start of the guard, it ends by itself.
    child.stdin.on('error', () => undefined);
    await once(child, 'spawn');
    const group = child.pid!;
    const guard = spawn('sh', ['-c', GUARD, 'guard', String(group), String(Math.ceil(graceMs / 100))], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const disarm = ender(group, graceMs, signal);
    // What a command leaves behind must not hold its output open.
    child.once('exit', () => signalGroup(group, 'SIGKILL'));
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    try {
      await once(guard, 'spawn');
      const output = new CommandOutput(progress);
      const written: Promise<unknown>[] = [];
      createInterface({ input: child.stdout }).on('line', (line) => {
        written.push(log.write(`${output.line(line)}\n`));
      });
      child.stderr.on('data', (bytes: Buffer) => {
        written.push(log.write(bytes));
        output.words(bytes.toString());
      });
      child.stdin.end('go\n');
      const [code, by] = await ended;
      await Promise.all(written);
      signal.throwIfAborted();
      if (code === 0 && output.result !== undefined) return output.result;
      throw faultOfEnd(command, code, by, output.lastWords);
    } finally {
      disarm();
      endNow(child, group);
      guard.kill('SIGKILL');
    }
  }
}

/** Ends the group when the signal is aborted: in order, then by force. Answers what takes the wait back. */
function ender(group: number, graceMs: number, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(group, 'SIGTERM');
    timer = setTimeout(() => signalGroup(group, 'SIGKILL'), graceMs);
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  };
}

/** After a failure on this side the command still runs; otherwise it has ended already. */
function endNow(child: ChildProcess, group: number): void {
  if (child.exitCode === null && child.signalCode === null) signalGroup(group, 'SIGKILL');
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
