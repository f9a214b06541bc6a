import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** Go modules of our own that require what refuses `go install`, with the versions of all below it. */
const MODULES = resolve(__dirname, '../programs');
const KUBERNETES = 'v1.34.4';
/** Kubernetes tells its version to helm, and what it enables by it. */
const KUBERNETES_VERSION = [`gitVersion=${KUBERNETES}`, 'gitMajor=1', 'gitMinor=34'].map(
  (variable) => `-X k8s.io/component-base/version.${variable}`,
);

interface Build {
  version: string;
  /** Go package by the name of its binary. */
  packages: Record<string, string>;
  /** Folder of {@link MODULES}; without one the package itself is the main module. */
  module?: string;
  linkerFlags?: string[];
  /** Folder of the module `of` that is kept beside the binary. */
  files?: { of: string; folder: string };
}

/** What a cluster on this machine is made of: pinned, built once with Go, kept outside the checkout. */
const BUILDS = {
  etcd: { version: 'v3.7.3', module: 'etcd', packages: { etcd: 'go.etcd.io/etcd/server/v3' } },
  kubernetes: {
    version: KUBERNETES,
    module: 'kubernetes',
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    },
    linkerFlags: KUBERNETES_VERSION,
  },
  kwok: { version: 'v0.8.0', packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' } },
  'metrics-server': {
    version: 'v0.8.0',
    packages: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
  },
  'argo-cd': {
    version: 'v3.2.11',
    module: 'argo-cd',
    packages: { argocd: 'github.com/argoproj/argo-cd/v3/cmd' },
    files: { of: 'github.com/argoproj/argo-cd/v3', folder: 'manifests/crds' },
  },
} satisfies Record<string, Build>;

export type ClusterPart = keyof typeof BUILDS;

/** What {@link startCluster} needs; metrics-server, too, where it is asked for metrics. */
export const CLUSTER_PARTS: ClusterPart[] = ['etcd', 'kubernetes', 'kwok'];

/** Where the binaries of a part are kept: `$XDG_CACHE_HOME/vigia/PART-VERSION`. */
export function partDirectory(part: ClusterPart): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'vigia', `${part}-${BUILDS[part].version}`);
}

/** Path of a binary: in `KUBEBUILDER_ASSETS`, on PATH, or built before; undefined where it is in none. */
export function findClusterProgram(name: string): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const built = Object.keys(BUILDS).map((part) => partDirectory(part as ClusterPart));
  return [process.env['KUBEBUILDER_ASSETS'] ?? '', ...path, ...built]
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find((file) => existsSync(file));
}

/** @throws when it is nowhere; the message says how to get it. */
export function clusterProgram(name: string): string {
  const found = findClusterProgram(name);
  if (found !== undefined) return found;
  throw new Error(`no ${name}: npm run test:cluster builds it with Go, or name a folder in KUBEBUILDER_ASSETS`);
}

/** True when every binary of these parts is there, so that a cluster starts in seconds. */
export function hasClusterPrograms(parts: ClusterPart[] = CLUSTER_PARTS): boolean {
  return parts.every((part) => missing(part).length === 0);
}

function missing(part: ClusterPart): string[] {
  const { packages, files }: Build = BUILDS[part];
  const binaries = Object.keys(packages).filter((name) => findClusterProgram(name) === undefined);
  const folder = files === undefined || existsSync(join(partDirectory(part), files.folder)) ? [] : [files.folder];
  return [...binaries, ...folder];
}

/**
 * Builds what is missing of the parts: minutes on two cores from an empty cache, nothing when it is there.
 * @throws when there is no Go, its module proxy is not reached, or a part does not build.
 */
export function buildClusterPrograms(parts: ClusterPart[], say: (text: string) => void): void {
  for (const part of parts.filter((name) => missing(name).length > 0)) {
    const { version, packages, module, linkerFlags = [], files }: Build = BUILDS[part];
    say(`building ${part} ${version}`);
    const directory = partDirectory(part);
    mkdirSync(directory, { recursive: true });
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', ['-s', '-w', ...linkerFlags].join(' ')];
    if (module === undefined) {
      for (const path of Object.values(packages)) go(['install', ...flags, `${path}@${version}`], { GOBIN: directory });
      continue;
    }
    const from = ['-C', join(MODULES, module)];
    for (const [name, path] of Object.entries(packages)) {
      go(['build', ...from, ...flags, '-o', join(directory, name), path]);
    }
    if (files !== undefined) {
      const source = go(['list', ...from, '-m', '-f', '{{.Dir}}', files.of]).trim();
      cpSync(join(source, files.folder), join(directory, files.folder), { recursive: true });
    }
  }
}

/** Runs go and resolves to what it prints. */
function go([command, ...args]: string[], extra: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, error } = spawnSync('go', [command!, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', ...extra },
  });
  if (status === 0) return stdout;
  throw new Error(
    `go ${command} ${args.at(-1)} failed (${error?.message ?? `it ended with ${status}`}): ` +
      'install Go 1.26 or newer and see that its module proxy is reached, or name a folder in KUBEBUILDER_ASSETS',
  );
}
