import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createHash } from 'node:crypto';
import { WORKSPACE } from '../stack.js';

/** Helm that the chart is rendered with; others write other white space. */
export const HELM_VERSION = 'v3.22.0';
/** Programs that are built once and outlive checkouts. */
export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vigia', 'bin');
export const CHART = join(WORKSPACE, 'charts/vigia');
export const RENDERED = join(WORKSPACE, 'charts/rendered');

/** Names of the values that are rendered: minimal, full, air-gapped. */
export function matrix(): string[] {
  return readdirSync(join(WORKSPACE, 'charts/values'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort();
}

/** Path of a helm of the series of {@link HELM_VERSION} on PATH or in the cache; undefined where there is none. */
export function findHelm(): string | undefined {
  // Built by Go it knows no patch level.
  const series = HELM_VERSION.replace(/\.\d+$/, '');
  const places = [CACHE, ...(process.env['PATH'] ?? '').split(delimiter)];
  return places
    .map((directory) => join(directory, 'helm'))
    .filter((path) => existsSync(path))
    .find((path) => spawnSync(path, ['version', '--short'], { encoding: 'utf8' }).stdout?.startsWith(series));
}

/**
 * Builds helm with Go into the cache, one and a half minutes.
 * @throws when there is no Go, or it does not build.
 */
export function buildHelm(): string {
  mkdirSync(CACHE, { recursive: true });
  const { status, error } = spawnSync('go', ['install', `helm.sh/helm/v3/cmd/helm@${HELM_VERSION}`], {
    stdio: 'inherit',
    env: { ...process.env, GOBIN: CACHE },
  });
  if (status === 0) return join(CACHE, 'helm');
  const why = error === undefined ? `go ended with ${status}` : error.message;
  throw new Error(`no helm ${HELM_VERSION} and none could be built (${why}): put one on PATH, or install Go`);
}

/** What helm renders, or what it refuses and why. */
export function render(helm: string, valuesFile: string): { manifests: string; problem: string } {
  const args = ['template', 'vigia', CHART, '--namespace', 'vigia', '--values', valuesFile, '--kube-version', '1.34.4'];
  const { status, stdout, stderr } = spawnSync(helm, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  return status === 0 ? { manifests: stdout, problem: '' } : { manifests: '', problem: stderr };
}

/** Digest of all that a rendering follows from, so that an old one is seen without helm. */
export function sourceDigest(name: string): string {
  const digest = createHash('sha256').update(HELM_VERSION);
  const files = readdirSync(CHART, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...files, join(WORKSPACE, 'charts/values', `${name}.yaml`)]) digest.update(readFileSync(file));
  return digest.digest('hex');
}
