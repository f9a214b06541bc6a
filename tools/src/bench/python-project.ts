import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from '../stack.js';

/** Installs the locked packages of a Python project of tools/ and answers its interpreter. */
export function pythonOf(project: string): string {
  const environment = join(WORKSPACE, '.vigia', project, 'venv');
  run(findUv(), ['sync', '--project', join(WORKSPACE, 'tools', project), '--locked', '--quiet'], {
    UV_PROJECT_ENVIRONMENT: environment,
  });
  return join(environment, 'bin/python');
}

/** The one that set up the workspace. */
function findUv(): string {
  const own = join(WORKSPACE, '.vigia/uv/bin/uv');
  return existsSync(own) ? own : 'uv';
}

/** @throws {Error} when the command fails; what it said of it stands on standard error */
export function run(command: string, args: string[], extra: Record<string, string> = {}): void {
  const { status, error } = spawnSync(command, args, {
    env: { ...process.env, ...extra },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed`, { cause: error });
}
