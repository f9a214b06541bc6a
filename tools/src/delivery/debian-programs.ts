import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Programs of the checks by the Debian package that has them: taken from PATH, or unpacked once beside the checkout. */
const PACKAGES = { promtool: 'prometheus', amtool: 'prometheus-alertmanager' } as const;
export type DebianProgram = keyof typeof PACKAGES;

/**
 * Path of the program. Nothing is installed: the package is unpacked into the cache of the user.
 * @throws where it is not on PATH and the package cannot be had
 */
export function debianProgram(name: DebianProgram): string {
  if (spawnSync(name, ['--version']).status === 0) return name;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vigia');
  const directory = join(cache, PACKAGES[name]);
  const path = join(directory, 'usr/bin', name);
  if (!existsSync(path)) unpack(PACKAGES[name], directory);
  return path;
}

function unpack(name: string, directory: string): void {
  const part = `${directory}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  run('apt-get', ['download', name], part);
  const [file] = readdirSync(part).filter((each) => each.endsWith('.deb'));
  run('dpkg', ['-x', file!, '.'], part);
  rmSync(directory, { recursive: true, force: true });
  renameSync(part, directory);
}

function run(command: string, args: string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  throw new Error(`${command} ${args.join(' ')} failed (${why}): put promtool and amtool on PATH`);
}
