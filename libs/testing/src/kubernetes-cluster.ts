import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesApi } from './kubernetes-api.js';
import { KUBELET_LABEL, gpuNode, kubeletConfiguration, nodeObject, type NodeOptions } from './kubernetes-kubelet.js';
import { clusterProgram } from './kubernetes-programs.js';
import { freePort, startServer, type OwnedServer } from './server-process.js';
import { waitFor } from './wait-for.js';

export interface ClusterOptions {
  /** Logs and state, kept after the end. Default: a temporary one. */
  directory?: string;
  /** Default: `cpu-1`, `cpu-2`, `cpu-3` in three zones, and `gpu-1` with one GPU of type l4. */
  nodes?: NodeOptions[];
  /** The metrics API, for autoscalers: metrics-server reads what pods use from kwok. */
  metrics?: boolean;
}

/** A real control plane on 127.0.0.1 whose nodes are kwok's: everything but containers that run. */
export interface Cluster {
  api: KubernetesApi;
  /** For helm, client-node, Argo CD: an administrator's. */
  kubeconfig: string;
  /** Logs of every part, as `kube-apiserver.log`. */
  directory: string;
  /** What every container has logged, for the log of a pod; append to it. */
  podLogFile: string;
  addNode(node: NodeOptions): Promise<void>;
  /** Its kubelet falls silent: the node becomes NotReady after 8 s, and its pods leave 2 s later. */
  loseNode(name: string): Promise<void>;
  /** API server away, as a crash. */
  killApiServer(): Promise<void>;
  /** The same again, on the same port and data. */
  restartApiServer(): Promise<void>;
  /** Ends all that was started, in order. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const zone = (name: string) => ({ 'topology.kubernetes.io/zone': name });
const DEFAULT_NODES: NodeOptions[] = [
  { name: 'cpu-1', labels: zone('a') },
  { name: 'cpu-2', labels: zone('b') },
  { name: 'cpu-3', labels: zone('c') },
  gpuNode('gpu-1', 'l4'),
];

/**
 * Starts etcd, kube-apiserver, controller-manager, scheduler, kwok, in about 10 s and 700 MB.
 * Nothing leaves this machine; all of it ends with this process at the latest.
 * @throws when a binary is missing (see {@link clusterProgram}), or one does not start, with the end of its log.
 */
export async function startCluster({
  directory,
  nodes = DEFAULT_NODES,
  metrics,
}: ClusterOptions = {}): Promise<Cluster> {
  const temporary = directory === undefined ? mkdtempSync(join(tmpdir(), 'vigia-cluster-')) : undefined;
  const folder = directory ?? temporary!;
  const parts = new Parts(folder);
  try {
    const etcdUrl = await startEtcd(parts);
    const { apiServer, api, kubeconfig } = await startApiServer(parts, etcdUrl);
    await Promise.all([startControllers(parts, kubeconfig), startScheduler(parts, kubeconfig)]);
    const podLogFile = join(folder, 'pod.log');
    writeFileSync(podLogFile, '');
    await startKubelets(parts, kubeconfig, podLogFile);
    if (metrics) await startMetrics(parts, api, kubeconfig);
    await makeReady(api);
    const addNode = async (node: NodeOptions): Promise<void> => {
      await api.create('/api/v1/nodes', nodeObject(node));
    };
    for (const node of nodes) await addNode(node);
    return {
      api,
      kubeconfig,
      directory: folder,
      podLogFile,
      addNode,
      async loseNode(name) {
        await api.patch(`/api/v1/nodes/${name}`, { metadata: { labels: { [KUBELET_LABEL]: null } } });
      },
      killApiServer: () => apiServer.kill9(),
      restartApiServer: () => apiServer.restart(),
      async stop() {
        await removeVolumes(api);
        await parts.stop();
        if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

/** What was started, in order; each part has its log in the folder. */
class Parts {
  readonly #started: OwnedServer[] = [];

  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** `health` is a path that answers 200 over TLS when the part is ready; a function may say it instead. */
  async start(
    name: string,
    port: number,
    args: Record<string, string>,
    health: string | (() => Promise<boolean>),
  ): Promise<OwnedServer> {
    const server = await startServer({
      name,
      url: `https://${HOST}:${port}`,
      port,
      binary: clusterProgram(name),
      args: Object.entries(args).map(([flag, value]) => `--${flag}=${value}`),
      identity: {},
      workingDirectory: this.folder,
      logFile: this.path(`${name}.log`),
      startTimeoutMs: 120_000,
      isReady: typeof health === 'string' ? () => answers(`https://${HOST}:${port}${health}`) : health,
    });
    this.#started.push(server);
    return server;
  }

  async stop(): Promise<void> {
    for (const server of this.#started.reverse()) await server.stop();
  }
}

async function startEtcd(parts: Parts): Promise<string> {
  const [port, peerPort] = [await freePort(), await freePort()];
  const url = `http://${HOST}:${port}`;
  const peerUrl = `http://${HOST}:${peerPort}`;
  await parts.start(
    'etcd',
    port,
    {
      name: 'default',
      'data-dir': parts.path('etcd'),
      'listen-client-urls': url,
      'advertise-client-urls': url,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': `default=${peerUrl}`,
      // Its data end with the test.
      'unsafe-no-fsync': 'true',
      'log-level': 'warn',
    },
    async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true,
  );
  return url;
}

async function startApiServer(parts: Parts, etcdUrl: string) {
  const port = await freePort();
  const token = randomBytes(24).toString('hex');
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const secret = { mode: 0o600 };
  writeFileSync(parts.path('service-accounts.key'), privateKey, secret);
  writeFileSync(parts.path('service-accounts.pub'), publicKey);
  writeFileSync(parts.path('tokens.csv'), `${token},administrator,administrator,system:masters\n`, secret);
  const apiServer = await parts.start(
    'kube-apiserver',
    port,
    {
      'etcd-servers': etcdUrl,
      'bind-address': HOST,
      'secure-port': String(port),
      // Makes a certificate of its own there, which is the authority that clients trust, too.
      'cert-dir': parts.path('certificates'),
      'token-auth-file': parts.path('tokens.csv'),
      'authorization-mode': 'Node,RBAC',
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-key-file': parts.path('service-accounts.pub'),
      'service-account-signing-key-file': parts.path('service-accounts.key'),
      'service-cluster-ip-range': '10.96.0.0/16',
      // A loopback address is no endpoint.
      'endpoint-reconciler-type': 'none',
      'kubelet-preferred-address-types': 'InternalIP',
      'default-not-ready-toleration-seconds': '2',
      'default-unreachable-toleration-seconds': '2',
      'shutdown-delay-duration': '0s',
    },
    '/readyz',
  );
  const certificate = parts.path('certificates/apiserver.crt');
  const kubeconfig = parts.path('kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf(apiServer.url, certificate, token), secret);
  return { apiServer, kubeconfig, api: new KubernetesApi(apiServer.url, token, certificate) };
}

/** JSON is YAML. */
function kubeconfigOf(server: string, certificate: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority': certificate } }],
    users: [{ name: 'administrator', user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'administrator' } }],
    'current-context': 'local',
  });
}

async function startControllers(parts: Parts, kubeconfig: string): Promise<void> {
  const port = await freePort();
  await parts.start(
    'kube-controller-manager',
    port,
    {
      ...component(kubeconfig, port),
      'service-account-private-key-file': parts.path('service-accounts.key'),
      'root-ca-file': parts.path('certificates/apiserver.crt'),
      // Folders of this machine, removed at the end: claims are bound without a storage driver.
      'enable-hostpath-provisioner': 'true',
      'node-monitor-period': '1s',
      'node-monitor-grace-period': '8s',
      'horizontal-pod-autoscaler-sync-period': '2s',
      'horizontal-pod-autoscaler-cpu-initialization-period': '1s',
      'horizontal-pod-autoscaler-initial-readiness-delay': '1s',
    },
    '/healthz',
  );
}

async function startScheduler(parts: Parts, kubeconfig: string): Promise<void> {
  const port = await freePort();
  await parts.start('kube-scheduler', port, component(kubeconfig, port), '/healthz');
}

function component(kubeconfig: string, port: number): Record<string, string> {
  return {
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'authentication-skip-lookup': 'true',
    'bind-address': HOST,
    'secure-port': String(port),
    'leader-elect': 'false',
  };
}

async function startKubelets(parts: Parts, kubeconfig: string, podLogFile: string): Promise<void> {
  const port = await freePort();
  writeFileSync(parts.path('kwok.yaml'), kubeletConfiguration(podLogFile));
  await parts.start(
    'kwok',
    port,
    {
      kubeconfig,
      config: parts.path('kwok.yaml'),
      'manage-all-nodes': 'false',
      'manage-nodes-with-label-selector': `${KUBELET_LABEL}=kwok`,
      'node-ip': HOST,
      'node-port': String(port),
      'server-address': `${HOST}:${port}`,
      'node-lease-duration-seconds': '8',
    },
    '/healthz',
  );
}

/** The metrics API, reached by the API server through a Service that is a name of this machine. */
async function startMetrics(parts: Parts, api: KubernetesApi, kubeconfig: string): Promise<void> {
  const port = await freePort();
  await parts.start(
    'metrics-server',
    port,
    {
      kubeconfig,
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'authentication-skip-lookup': 'true',
      'bind-address': HOST,
      'secure-port': String(port),
      'cert-dir': parts.path('metrics-certificates'),
      'kubelet-use-node-status-port': 'true',
      'kubelet-insecure-tls': 'true',
      'kubelet-preferred-address-types': 'InternalIP',
      'kubelet-request-timeout': '5s',
      'metric-resolution': '10s',
    },
    '/livez',
  );
  await api.create('/api/v1/namespaces/kube-system/services', {
    metadata: { name: 'metrics-server' },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port, protocol: 'TCP' }] },
  });
  await api.create('/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      service: { name: 'metrics-server', namespace: 'kube-system', port },
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  });
  // There is no authority for the API server's own certificate here, so it calls as no one.
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const metadata = { name: 'vigia-test-metrics' };
  const rules = [
    { apiGroups: ['metrics.k8s.io'], resources: ['*'], verbs: ['get', 'list'] },
    { nonResourceURLs: ['/apis', '/apis/*', '/openapi/*'], verbs: ['get'] },
  ];
  const user = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:anonymous' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
  await api.create(`${rbac}/clusterroles`, { metadata, rules });
  await api.create(`${rbac}/clusterrolebindings`, { metadata, roleRef, subjects: [user] });
}

/** A default class of storage; the account that every pod of the namespace default has. */
async function makeReady(api: KubernetesApi): Promise<void> {
  await api.create('/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name: 'local', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/host-path',
  });
  await waitFor(async () => (await api.find('/api/v1/namespaces/default/serviceaccounts/default')) !== undefined, {
    timeoutMs: 60_000,
  });
}

/** Folders that the controller manager made for claims. */
async function removeVolumes(api: KubernetesApi): Promise<void> {
  const volumes = await api.list('/api/v1/persistentvolumes').catch(() => []);
  for (const { spec } of volumes) {
    const path: string = spec?.hostPath?.path ?? '';
    if (path.startsWith('/tmp/hostpath_pv/')) rmSync(path, { recursive: true, force: true });
  }
}

/** True when it answers 200; certificates of parts that just started are nobody's yet. */
function answers(url: string): Promise<boolean> {
  return new Promise((settle) => {
    const call = request(url, { rejectUnauthorized: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      settle(answer.statusCode === 200);
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => settle(false));
    call.end();
  });
}
