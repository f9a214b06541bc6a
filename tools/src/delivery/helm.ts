import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { WORKSPACE } from '../stack.js';
import { GO_PROGRAMS, builtProgram } from './go-programs.js';

export const CHART = join(WORKSPACE, 'charts/vigia');
export const RENDERED = join(WORKSPACE, 'charts/rendered');
/** A helm of another version leaves other white space. */
const VERSION = GO_PROGRAMS.helm.version;
/** What the renderings are for; the schemas of all versions that the chart runs on are checked against them. */
const KUBERNETES = '1.34.4';

/** Names of the values that are rendered: air-gapped, full, minimal. */
export function matrix(): string[] {
  return readdirSync(join(WORKSPACE, 'charts/values'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort();
}

/** Path of a helm of the pinned version that was built before or is on PATH; undefined where there is none. */
export function findHelm(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'helm'));
  return builtProgram('helm') ?? onPath.find((path) => versionOf(path).startsWith(VERSION));
}

function versionOf(helm: string): string {
  return spawnSync(helm, ['version', '--short'], { encoding: 'utf8' }).stdout ?? '';
}

/** What helm renders for a release of the name, or what it refuses and why. */
export function render(helm: string, values: string[], release = 'vigia'): { manifests: string; problem: string } {
  const args = ['template', release, CHART, '--namespace', 'vigia', '--kube-version', KUBERNETES, ...values];
  const { status, stdout, stderr } = spawnSync(helm, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  return status === 0 ? { manifests: stdout, problem: '' } : { manifests: '', problem: stderr };
}

/** What helm renders for values of the matrix, as it is committed: under the digest of what it follows from. */
export function rendering(helm: string, name: string): string {
  const { manifests, problem } = render(helm, ['--values', join(WORKSPACE, 'charts/values', `${name}.yaml`)]);
  if (problem !== '') throw new Error(`charts/values/${name}.yaml: ${problem}`);
  return `# ${sourceDigest(name)}\n${manifests}`;
}

/**
 * Digest of all that a rendering follows from, so that an old one is seen without helm. The rules of ops/alerts, to which
 * the chart has a link, are in no rendering.
 */
export function sourceDigest(name: string): string {
  const digest = createHash('sha256').update(VERSION).update(KUBERNETES);
  const files = readdirSync(CHART, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const values = join(WORKSPACE, 'charts/values', `${name}.yaml`);
  for (const file of [...files, values].sort()) digest.update(readFileSync(file));
  return digest.digest('hex');
}
