import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';

/**
 * Runs a TypeScript source file in a process of its own, for tests that kill one. Its standard output comes back by
 * pipe; libraries of the workspace resolve to their sources.
 */
export function spawnTypescript(
  file: string,
  args: string[] = [],
  environment: Record<string, string> = {},
): ChildProcessByStdio<null, Readable, null> {
  const hook = resolve(__dirname, '../src/typescript-hook.cjs');
  return spawn(process.execPath, ['--conditions=@vigia/source', '--require', hook, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
}
