import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Programs of checks and the local stack that come as source: pinned, built once with Go, kept outside the checkout. */
export const GO_PROGRAMS = {
  helm: { package: 'helm.sh/helm/v3/cmd/helm', version: 'v3.22.0' },
  'kube-score': { package: 'github.com/zegl/kube-score/cmd/kube-score', version: 'v1.20.0' },
  versitygw: { package: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' },
  tflint: { package: 'github.com/terraform-linters/tflint', version: 'v0.64.0' },
  actionlint: { package: 'github.com/rhysd/actionlint/cmd/actionlint', version: 'v1.7.12' },
} as const;
export type GoProgram = keyof typeof GO_PROGRAMS;

function directoryOf(name: GoProgram): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'vigia', `${name}-${GO_PROGRAMS[name].version}`);
}

/** Path of the program where it was built before. */
export function builtProgram(name: GoProgram): string | undefined {
  const path = join(directoryOf(name), name);
  return existsSync(path) ? path : undefined;
}

/**
 * Path of the program, built when it is missing: one to two minutes.
 * @throws when there is no Go, or it does not build.
 */
export function program(name: GoProgram): string {
  const built = builtProgram(name);
  if (built !== undefined) return built;
  const { package: path, version } = GO_PROGRAMS[name];
  const directory = directoryOf(name);
  mkdirSync(directory, { recursive: true });
  const env = { ...process.env, GOBIN: directory };
  const { status, error } = spawnSync('go', ['install', `${path}@${version}`], { stdio: 'inherit', env });
  if (status === 0) return join(directory, name);
  const why = error === undefined ? `go ended with ${status}` : error.message;
  throw new Error(
    `${name} ${version} could not be built (${why}): install Go and see that its module proxy is reached`,
  );
}
