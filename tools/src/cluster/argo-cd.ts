import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  clusterProgram,
  freePort,
  partDirectory,
  startServer,
  startValkey,
  waitFor,
  type Cluster,
  type OwnedServer,
} from '@vigia/testing';
import { parse } from 'yaml';

/** Seconds between two looks at the repository; 120 in a cluster, where a webhook tells sooner. */
const RESYNC_SECONDS = 3;
const HOST = '127.0.0.1';

/**
 * Starts Argo CD beside the cluster: its repository server, its application controller and a Valkey, as processes of this
 * machine. Its custom resources are installed, and the namespace `argocd` is made.
 */
export async function startArgoCd(cluster: Cluster, helm: string): Promise<{ stop(): Promise<void> }> {
  await install(cluster);
  const directory = join(cluster.directory, 'argo-cd');
  for (const folder of ['tls', 'ssh', 'gpg', 'plugins', 'tmp']) mkdirSync(join(directory, folder), { recursive: true });
  const started: OwnedServer[] = [];
  const stop = async () => {
    for (const server of started.reverse()) await server.stop();
  };
  try {
    const valkey = await startValkey();
    started.push(valkey);
    const run = async (name: string, port: number, metricsPort: number, args: Record<string, string>) => {
      const server = await startServer({
        name,
        url: `http://${HOST}:${port}`,
        port,
        binary: clusterProgram('argocd'),
        args: Object.entries({
          loglevel: 'info',
          'metrics-port': String(metricsPort),
          redis: `${HOST}:${valkey.port}`,
          ...args,
        }).map(([flag, value]) => `--${flag}=${value}`),
        identity: {},
        workingDirectory: directory,
        logFile: join(cluster.directory, `${name}.log`),
        environment: {
          ARGOCD_BINARY_NAME: name,
          ARGOCD_FAKE_IN_CLUSTER: 'true',
          ARGOCD_TLS_DATA_PATH: join(directory, 'tls'),
          ARGOCD_SSH_DATA_PATH: join(directory, 'ssh'),
          ARGOCD_GPG_DATA_PATH: join(directory, 'gpg'),
          ARGOCD_PLUGINSOCKFILEPATH: join(directory, 'plugins'),
          ARGOCD_GPG_ENABLED: 'false',
          KUBECONFIG: cluster.kubeconfig,
          TMPDIR: join(directory, 'tmp'),
          PATH: `${dirname(helm)}:${process.env['PATH']}`,
        },
        startTimeoutMs: 120_000,
        isReady: async () => (await fetch(`http://${HOST}:${metricsPort}/metrics`).catch(() => undefined))?.ok === true,
      });
      started.push(server);
    };
    const repositoryPort = await freePort();
    await run('argocd-repo-server', repositoryPort, await freePort(), {
      port: String(repositoryPort),
      address: HOST,
      'metrics-address': HOST,
      'disable-tls': 'true',
      'revision-cache-expiration': '1s',
    });
    const metricsPort = await freePort();
    await run('argocd-application-controller', metricsPort, metricsPort, {
      'repo-server': `${HOST}:${repositoryPort}`,
      'repo-server-plaintext': 'true',
      kubeconfig: cluster.kubeconfig,
      namespace: 'argocd',
      'app-resync': String(RESYNC_SECONDS),
      'app-resync-jitter': '0',
    });
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What Argo CD's own installation brings: its resources, its settings, the project of the root. */
async function install({ api }: Cluster): Promise<void> {
  const definitions = join(partDirectory('argo-cd'), 'manifests/crds');
  for (const file of readdirSync(definitions).filter((name) => name.endsWith('-crd.yaml'))) {
    const definition = parse(readFileSync(join(definitions, file), 'utf8'));
    await api.apply(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`, definition);
  }
  await api.create('/api/v1/namespaces', { metadata: { name: 'argocd' } });
  const projects = '/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects';
  // A definition is served a moment after it was accepted.
  await waitFor(async () => (await api.find(projects)) !== undefined, { timeoutMs: 60_000 });
  await api.apply(`${projects}/default`, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default' },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  });
  const labels = { 'app.kubernetes.io/part-of': 'argocd' };
  for (const name of ['argocd-cm', 'argocd-rbac-cm', 'argocd-tls-certs-cm', 'argocd-ssh-known-hosts-cm']) {
    await api.apply(`/api/v1/namespaces/argocd/configmaps/${name}`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels },
      data: {},
    });
  }
  await api.apply('/api/v1/namespaces/argocd/secrets/argocd-secret', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'argocd-secret', labels },
    stringData: { 'server.secretkey': 'of no use without its API server' },
  });
}
