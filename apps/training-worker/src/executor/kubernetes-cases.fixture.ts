import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { JobWorker } from '@vigia/platform';
import { KubernetesApi, startValkey, waitFor, type Cluster, type KubernetesObject } from '@vigia/testing';
import { commandDirectory } from './commands.fixture.js';
import { CONFORMANCE, RESULT, begin, family, isAlive, line, pidsOf } from './executor-conformance.fixture.js';
import { JobLogs } from './job-logs.js';
import { KubernetesClient } from './kubernetes-client.js';
import { KubernetesExecutor, type KubernetesExecutorOptions } from './kubernetes-executor.js';
import { JOB_ID, jobNameOf } from './kubernetes-job.js';
import { openQueues, startQueueWorker } from './queue-worker.fixture.js';
import { PROCESSES, startProcessNode, type ProcessNode } from './pods-as-processes.fixture.js';

const NAMESPACE = 'training';
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const TEMPLATES = `/api/v1/namespaces/${NAMESPACE}/podtemplates`;
const PATIENCE = { timeoutMs: 120_000, intervalMs: 200 };
/** Its pods are processes of the suite. */
const RUNS = 'runs';

/** Where the executor works in the suite: templates, logs, commands of its own, and objects of the chart. */
class Site {
  readonly logs: JobLogs;
  readonly away: string[] = [];
  readonly commands: string;

  constructor(
    readonly cluster: Cluster,
    readonly chart: KubernetesObject[],
  ) {
    this.logs = new JobLogs(join(cluster.directory, 'logs'));
    this.commands = join(cluster.directory, 'bin');
  }

  /** As the account of the token; as an administrator without one. */
  client(namespace: string, token?: string): KubernetesClient {
    const config = new KubeConfig();
    config.loadFromFile(this.cluster.kubeconfig);
    if (token !== undefined) config.users = [{ name: config.users[0]!.name, token }];
    return new KubernetesClient(config, { namespace, timeoutMs: 10_000 });
  }

  async tokenOf(namespace: string, account: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    return (await this.cluster.api.create(path, { spec: { expirationSeconds: 3_600 } }))['status'].token;
  }

  executor(podTemplate: string, options: Partial<KubernetesExecutorOptions> = {}): KubernetesExecutor {
    return new KubernetesExecutor({
      client: this.client(NAMESPACE),
      logs: this.logs,
      podTemplate,
      deadlineSeconds: 600,
      pendingSeconds: 120,
      ttlSeconds: 600,
      lookMs: 200,
      deleteMs: 60_000,
      now: () => Date.UTC(2026, 10, 28),
      onAway: ({ message }) => this.away.push(message),
      ...options,
    });
  }

  /** An executor whose command is this script, run by the node of processes. */
  executorOf = (script: string): KubernetesExecutor => {
    commandDirectory(this.commands, { 'vigia-train': script });
    return this.executor(RUNS);
  };

  async template(name: string, spec: object): Promise<void> {
    const labels = { app: name };
    await this.cluster.api.create(TEMPLATES, { metadata: { name, labels }, template: { metadata: { labels }, spec } });
  }

  job(name: string): Promise<KubernetesObject | undefined> {
    return this.cluster.api.find(`${JOBS}/${name}`);
  }

  pods(jobName: string): Promise<KubernetesObject[]> {
    const selector = `batch.kubernetes.io/job-name=${jobName}`;
    return this.cluster.api.list(`/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${selector}`);
  }
}

type Case = (site: Site) => Promise<string | void>;

const TOLERATES = (key: string) => [{ key, operator: 'Exists', effect: 'NoSchedule' }];
/** A pod whose end follows from its tag: see the kubelets of the suite. */
const tagged = (tag: string, more: object = {}, limits: object = {}) => ({
  containers: [{ name: 'trainer', image: `registry.example.com/trainer:1${tag}`, resources: { limits } }],
  terminationGracePeriodSeconds: 1,
  ...more,
});
const GPU = { nodeSelector: { 'vigia/gpu': 'l4' }, tolerations: TOLERATES('nvidia.com/gpu') };

const trainsOnAGpu: Case = async (site) => {
  await site.template('gpu', tagged('', GPU, { 'nvidia.com/gpu': '1', memory: '4Gi' }));
  // What every container of kwok's nodes says.
  const said = line({ kind: 'result', registryVersion: '7' }).slice("echo '".length, -1);
  writeFileSync(site.cluster.podLogFile, `${new Date().toISOString()} stdout F ${said}\n`);
  const began = Date.now();
  const { ended } = begin(site.executor('gpu'), { jobId: 'on-a-gpu' });
  deepEqual(await ended, { kind: 'result', registryVersion: '7' });
  const seconds = (Date.now() - began) / 1_000;
  const name = jobNameOf('gpu', { command: 'vigia-train', jobId: 'on-a-gpu', attempt: 1 });
  const { metadata, spec } = (await site.job(name))!;
  const [pod] = await site.pods(name);
  equal(pod!['spec'].nodeName, 'gpu-1');
  deepEqual(pod!['spec'].containers[0].args, ['vigia-train', '--data', 'x y']);
  equal(spec.backoffLimit, 0);
  equal(spec.activeDeadlineSeconds, 600);
  equal(spec.ttlSecondsAfterFinished, 600);
  deepEqual([metadata.annotations![JOB_ID], metadata.labels!['app']], ['on-a-gpu', 'gpu']);
  await site.cluster.api.delete(`${TEMPLATES}/gpu`);
  await waitFor(async () => (await site.job(name)) === undefined, PATIENCE);
  return `executor to result ${seconds.toFixed(1)} s; the Job goes with its template`;
};

/** A failure by what the template asks for, and what it is called. */
const FAILURES: Record<
  string,
  [spec: object, code: string, says: RegExp, options?: Partial<KubernetesExecutorOptions>]
> = {
  'killed for its memory': [tagged('-oom', {}, { memory: '1Gi' }), 'limit_exceeded', /limit of memory, 1Gi/],
  evicted: [tagged('-evicted'), 'dependency_unavailable', /low on resource: memory/],
  'past its deadline': [tagged('-hangs'), 'limit_exceeded', /after 2 s/, { deadlineSeconds: 2 }],
  'an image that cannot be pulled': [
    tagged('-missing'),
    'internal',
    /ImagePullBackOff of the image registry.example.com\/trainer:1-missing/,
    { pendingSeconds: 2 },
  ],
  'a GPU of a type that no node has': [
    tagged('', { ...GPU, nodeSelector: { 'vigia/gpu': 'h100' } }),
    'no_capacity',
    /No node takes it: 0\/\d+ nodes are available/,
    { pendingSeconds: 2 },
  ],
};

const failsAs =
  (title: string, [spec, code, says, options]: (typeof FAILURES)[string]): Case =>
  async (site) => {
    const name = title.replace(/\W+/g, '-').toLowerCase();
    await site.template(name, spec);
    await rejects(begin(site.executor(name, options), { jobId: name }).ended, (fault: Error & { code: string }) => {
      equal(fault.code, code);
      match(fault.message, says);
      return true;
    });
    const jobName = jobNameOf(name, { command: 'vigia-train', jobId: name, attempt: 1 });
    const left = (await site.pods(jobName)).filter(({ status }) => ['Pending', 'Running'].includes(status.phase));
    deepEqual(left, []);
  };

const quota: Case = async (site) => {
  const quotas = `/api/v1/namespaces/${NAMESPACE}/resourcequotas`;
  await site.template('large', tagged('', {}, { memory: '9Gi', cpu: '1' }));
  await site.cluster.api.create(quotas, { metadata: { name: 'small' }, spec: { hard: { 'limits.memory': '1Gi' } } });
  try {
    const { ended } = begin(site.executor('large', { pendingSeconds: 3 }), { jobId: 'large' });
    await rejects(ended, { code: 'no_capacity', message: /exceeded quota: small/ });
  } finally {
    await site.cluster.api.delete(`${quotas}/small`);
  }
};

const noRight: Case = async (site) => {
  const client = site.client(NAMESPACE, await site.tokenOf(NAMESPACE, 'default'));
  const { ended } = begin(site.executor(RUNS, { client }), { jobId: 'no-right' });
  await rejects(ended, { code: 'internal', message: /^Kubernetes refuses \(403\): jobs.batch .* is forbidden/ });
};

const noTemplate: Case = (site) =>
  rejects(begin(site.executor('none')).ended, { code: 'internal', message: /has no PodTemplate none/ });

const attemptOf = (jobId: string) => ({ command: 'vigia-train' as const, jobId, attempt: 1 });

const takenOver: Case = async (site) => {
  const script = `${family(false).replace('wait', '')} while [ ! -e ${site.cluster.directory}/go ]; do sleep 0.1; done; ${RESULT}`;
  const name = jobNameOf(RUNS, attemptOf('adopted'));
  const first = begin(site.executorOf(script), { jobId: 'adopted' });
  const pids = await pidsOf(first.steps);
  // The queue gave its job to another worker, which begins while this one still looks on.
  const second = begin(site.executor(RUNS), { jobId: 'adopted' });
  deepEqual(await pidsOf(second.steps), pids);
  first.control.abort('taken over');
  equal(await first.ended.catch((reason: unknown) => reason), 'taken over');
  equal((await site.pods(name)).length, 1);
  ok(pids.every(isAlive));
  second.control.abort('stopped');
  equal(await second.ended.catch((reason: unknown) => reason), 'stopped');
  ok(pids.every(isAlive), 'the command ended with its worker');
  writeFileSync(join(site.cluster.directory, 'go'), '');
  // It ends while no worker looks on.
  await waitFor(async () => (await site.job(name))?.['status']?.succeeded === 1, PATIENCE);
  const third = begin(site.executor(RUNS), { jobId: 'adopted' });
  deepEqual(await third.ended, { kind: 'result', bundle: '/b' });
  match((await site.logs.read('adopted'))!, /goes on: vigia-train/);
};

/** The lock of the queue says whose the Job is: a worker that is killed loses it, and another goes on with the Job. */
const killedWorker: Case = async (site) => {
  const { cluster } = site;
  const valkey = await startValkey();
  const go = join(cluster.directory, 'go-on');
  // Told again and again: the queue keeps no more than a step each 250 ms.
  const tell = line({ kind: 'progress', stage: 's', share: 0.1, text: 'PID' }).replace('PID', () => `'"$$"'`);
  const executor = site.executorOf(`while [ ! -e ${go} ]; do ${tell}; sleep 0.3; done; ${RESULT}`);
  const queues = await openQueues(valkey.url);
  const directory = join(cluster.directory, 'logs');
  const program = join(__dirname, 'work-until-killed.fixture.js');
  const worker = spawn(process.execPath, [program, cluster.kubeconfig, NAMESPACE, RUNS, directory, valkey.url]);
  const told = async () => (await queues.read('train', id))?.progress?.step ?? '';
  const id = await queues.addJob('train', { model: 'pix-fraud', trainingSet: 's', parameters: {}, evaluate: false });
  let other: JobWorker | undefined;
  try {
    await waitFor(async () => /^\d+$/.test(await told()), PATIENCE);
    const pid = Number(await told());
    worker.kill('SIGKILL');
    other = startQueueWorker(queues, executor);
    await waitFor(async () => /goes on/.test((await site.logs.read(id)) ?? ''), PATIENCE);
    ok(isAlive(pid), 'the command ended with its worker');
    writeFileSync(go, '');
    await waitFor(async () => (await queues.read('train', id))?.state === 'completed', PATIENCE);
    const job = (await queues.read('train', id))!;
    deepEqual([job.result, job.failedAttempts], [{ kind: 'result', bundle: '/b' }, 0]);
    equal((await site.pods(jobNameOf(RUNS, attemptOf(id)))).length, 1);
  } finally {
    worker.kill('SIGKILL');
    await other?.close();
    await queues.close();
    await valkey.stop();
  }
};

const apiServerAway: Case = async (site) => {
  const script = `${family(false).replace('wait', '')} while [ ! -e ${site.cluster.directory}/back ]; do sleep 0.1; done; ${RESULT}`;
  const { steps, ended } = begin(site.executorOf(script), { jobId: 'away' });
  await pidsOf(steps);
  await site.cluster.killApiServer();
  const began = Date.now();
  await waitFor(() => site.away.length > 0, PATIENCE);
  match(site.away[0]!, /API server/);
  writeFileSync(join(site.cluster.directory, 'back'), '');
  await site.cluster.restartApiServer();
  deepEqual(await ended, { kind: 'result', bundle: '/b' });
  return `away for ${((Date.now() - began) / 1_000).toFixed(0)} s, the attempt went on`;
};

const PATHS: Record<string, string> = {
  ServiceAccount: '/api/v1/namespaces/NAMESPACE/serviceaccounts',
  PersistentVolumeClaim: '/api/v1/namespaces/NAMESPACE/persistentvolumeclaims',
  PodTemplate: '/api/v1/namespaces/NAMESPACE/podtemplates',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/rolebindings',
};

/** The account, rights, volume and PodTemplate of the chart, in a namespace of the profile `restricted`. */
const withTheChart: Case = async (site) => {
  const { cluster, chart } = site;
  const { api } = cluster;
  const template = chart.find(({ kind }) => kind === 'PodTemplate')!;
  const namespace = template.metadata.namespace!;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await api.create('/api/v1/namespaces', { metadata: { name: namespace, labels } });
  for (const each of chart) {
    const path = PATHS[each.kind!]?.replace('NAMESPACE', namespace);
    if (path !== undefined) await api.create(path, each);
  }
  const [account] = chart.find(({ kind }) => kind === 'RoleBinding')!['subjects'];
  const token = await site.tokenOf(namespace, account.name);
  const client = site.client(namespace, token);
  const name = template.metadata.name;
  const executor = site.executor(name, { client });
  deepEqual(await begin(executor, { jobId: 'of-the-chart' }).ended, { kind: 'result', registryVersion: '7' });
  const cancelled = begin(executor, { jobId: 'cancelled', attempt: 2 });
  cancelled.control.abort('cancelled');
  equal(await cancelled.ended.catch((reason: unknown) => reason), 'cancelled');
  const asWorker = new KubernetesApi(api.url, token, join(cluster.directory, 'certificates/apiserver.crt'));
  for (const what of ['secrets', 'pods/x', 'jobs', 'podtemplates/other', 'configmaps']) {
    const path =
      what === 'jobs' ? `/apis/batch/v1/namespaces/${namespace}/jobs` : `/api/v1/namespaces/${namespace}/${what}`;
    await rejects(asWorker.get(path), { status: 403 });
  }
};

const deletedByHand: Case = async (site) => {
  await site.template('deleted', tagged('-hangs'));
  const { ended } = begin(site.executor('deleted'), { jobId: 'deleted' });
  const name = jobNameOf('deleted', attemptOf('deleted'));
  await waitFor(async () => (await site.pods(name))[0]?.['status'].phase === 'Running', PATIENCE);
  await site.cluster.api.delete(`${JOBS}/${name}`);
  await rejects(ended, { code: 'internal', message: /Somebody deleted the Job/ });
};

const CASES: Record<string, Case> = {
  ...Object.fromEntries(
    Object.entries(CONFORMANCE).map(([name, holds]) => [`as every executor: ${name}`, (site: Site) => holds(site)]),
  ),
  'a training on a GPU node, as a Job': trainsOnAGpu,
  ...Object.fromEntries(Object.entries(FAILURES).map((each) => [`${each[0]} is ${each[1][1]}`, failsAs(...each)])),
  'a quota that is exhausted is no_capacity': quota,
  'with the account, rights and PodTemplate of the chart, which allow no more': withTheChart,
  'no right to make Jobs is internal': noRight,
  'a template that is not there is internal': noTemplate,
  'two workers, one Job: it goes on without either, and its result is read after its end': takenOver,
  'a worker killed with -9: the queue gives its job to another, which goes on with the Job': killedWorker,
  'a Job that somebody deletes is internal': deletedByHand,
  'API server killed with -9 meanwhile: the attempt waits for it and ends as if nothing had been': apiServerAway,
};

/**
 * The cases of the executor `kubernetes` on a cluster; `close` after the last.
 * @param chart objects of the chart with `jobs.enabled` and a GPU of type l4
 */
export async function openExecutorCases(
  cluster: Cluster,
  chart: KubernetesObject[],
): Promise<{
  cases: Record<string, () => Promise<string | void>>;
  close: () => Promise<void>;
}> {
  const site = new Site(cluster, chart);
  await cluster.api.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  commandDirectory(site.commands, {});
  const node: ProcessNode = await startProcessNode(cluster, 'processes-1', site.commands);
  await site.template(RUNS, tagged('', { nodeSelector: { [PROCESSES]: 'true' }, tolerations: TOLERATES(PROCESSES) }));
  await waitFor(
    async () => (await cluster.api.find(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`)) !== undefined,
    PATIENCE,
  );
  const cases = Object.fromEntries(Object.entries(CASES).map(([name, run]) => [name, () => run(site)]));
  return { cases, close: () => node.stop() };
}
