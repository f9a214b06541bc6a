import { equal, match, notEqual, ok } from 'node:assert/strict';
import { gpuNode } from '@vigia/testing';
import {
  CHART,
  NAMESPACE,
  apps,
  componentOf,
  condition,
  createNamespace,
  helm,
  helmSucceeds,
  imageOf,
  nodeOf,
  pods,
  readyPods,
  settles,
  type Case,
} from './context.js';

const SCORING = apps('statefulsets', 'vigia-scoring');
/** All apps and data services of the chart but this. */
const ONLY_TRAINING = [
  ...['scoring', 'ingestion', 'feature-store', 'monitoring'].flatMap((app) => ['--set', `apps.${app}.enabled=false`]),
  ...['--set', 'shared.offline.accessMode=ReadWriteMany'],
];

const installsTheDefaults: Case = async (context) => {
  const { api } = context.cluster;
  await createNamespace(context, NAMESPACE);
  const began = Date.now();
  await helmSucceeds(context, 'install', 'vigia', CHART, '-n', NAMESPACE, '--wait', '--timeout', '5m');
  const seconds = Math.round((Date.now() - began) / 1_000);
  const all = (await api.list(pods())).filter((pod) => componentOf(pod) !== 'migration');
  const waiting = all.filter((pod) => condition(pod, 'Ready').status !== 'True').map(({ metadata }) => metadata.name);
  equal(waiting.join(), '', 'pods that are not ready');
  equal(all.length, 10, 'pods: 2 scoring, 2 ingestion, one of the other three apps, PostgreSQL, Valkey, MLflow');
  const claims = await api.list(`/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`);
  ok(claims.length >= 6 && claims.every(({ status }) => status.phase === 'Bound'), 'claims that are not bound');
  const job = await api.get(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs/vigia-migration`);
  equal(condition(job, 'Complete').status, 'True', 'the migration is not complete');
  const spread = new Set((await readyPods(context, 'scoring')).map(nodeOf));
  equal(spread.size, 2, 'scoring pods are on one node');
  return `${all.length} pods ready ${seconds} s after helm install, profile restricted`;
};

const refusesAWrongValue: Case = async (context) => {
  const before = await context.cluster.api.get(SCORING);
  const wrong = ['upgrade', 'vigia', CHART, '-n', NAMESPACE, '--set', 'apps.scoring.replicas=two'];
  const { code, output } = await helm(context, ...wrong);
  notEqual(code, 0);
  match(output, /apps.scoring.replicas/);
  equal((await context.cluster.api.get(SCORING)).metadata.generation, before.metadata.generation);
};

const failedMigrationStopsTheUpgrade: Case = async (context) => {
  const { api } = context.cluster;
  const before = await api.get(SCORING);
  const upgrade = (tag: string, timeout: string) =>
    helm(
      context,
      'upgrade',
      'vigia',
      CHART,
      '-n',
      NAMESPACE,
      '--set',
      `image.tag=${tag}`,
      '--wait',
      '--timeout',
      timeout,
    );
  const { code, output } = await upgrade('0.2.0-fails', '20s');
  notEqual(code, 0);
  match(output, /pre-upgrade hooks failed/);
  const job = await api.get(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs/vigia-migration`);
  ok(job['status'].failed >= 1, 'the migration did not fail');
  equal((await api.get(SCORING)).metadata.generation, before.metadata.generation, 'the upgrade reached the pods');
  equal((await readyPods(context, 'scoring')).length, 2);
  const next = await upgrade('0.2.1', '5m');
  equal(next.code, 0, next.output);
  match(imageOf(await api.get(SCORING)), /:0\.2\.1$/);
  return 'pods stayed as they were; the next release went out';
};

const quotaExhausted: Case = async (context) => {
  const { api } = context.cluster;
  const namespace = 'vigia-small';
  await createNamespace(context, namespace);
  const quota = `/api/v1/namespaces/${namespace}/resourcequotas`;
  await api.create(quota, { metadata: { name: 'small' }, spec: { hard: { 'limits.memory': '5Gi' } } });
  await helmSucceeds(context, 'install', 'vigia', CHART, '-n', namespace, ...ONLY_TRAINING, '--no-hooks');
  const refused = async () => {
    const sets = await api.list(`/apis/apps/v1/namespaces/${namespace}/replicasets`);
    const events = await api.list(`/api/v1/namespaces/${namespace}/events`);
    const failures = [
      ...sets.map((set) => condition(set, 'ReplicaFailure').message),
      ...events.map(({ message }) => message),
    ];
    return failures.some((text) => /exceeded quota: small/.test(text));
  };
  await settles('a pod is refused by the quota, and says so', refused);
  await api.patch(`${quota}/small`, { spec: { hard: { 'limits.memory': '64Gi' } } });
  const all = async () => (await api.list(pods(namespace))).filter((pod) => condition(pod, 'Ready').status === 'True');
  await settles('with room, all of them run', async () => (await all()).length === 4);
  await helmSucceeds(context, 'uninstall', 'vigia', '-n', namespace, '--no-hooks');
};

const unknownGpu: Case = async (context) => {
  const { api } = context.cluster;
  const namespace = 'vigia-gpu';
  await createNamespace(context, namespace);
  const gpu = ['--set', 'apps.training-worker.gpu.enabled=true', '--set', 'apps.training-worker.gpu.type=h100'];
  await helmSucceeds(context, 'install', 'vigia', CHART, '-n', namespace, ...ONLY_TRAINING, ...gpu, '--no-hooks');
  const worker = async () => (await api.list(pods(namespace))).find((pod) => componentOf(pod) === 'training-worker');
  await settles('the worker waits, and says for what', async () => {
    const scheduled = condition((await worker())!, 'PodScheduled');
    return scheduled.reason === 'Unschedulable' && /didn't match Pod's node affinity\/selector/.test(scheduled.message);
  });
  await context.cluster.addNode(gpuNode('gpu-h100', 'h100'));
  const seconds = await settles('with such a node, it runs there', async () => {
    const pod = (await worker())!;
    return nodeOf(pod) === 'gpu-h100' && condition(pod, 'Ready').status === 'True';
  });
  await helmSucceeds(context, 'uninstall', 'vigia', '-n', namespace, '--no-hooks');
  return `ran ${seconds.toFixed(1)} s after the node came`;
};

export const CHART_CASES: Record<string, Case> = {
  'helm install with defaults: all pods ready, claims bound, migrated': installsTheDefaults,
  'a wrong value is refused by its path, and nothing changes': refusesAWrongValue,
  'a migration that fails stops the upgrade': failedMigrationStopsTheUpgrade,
  'a quota that is exhausted holds pods back until there is room': quotaExhausted,
  'a GPU of a type that no node has: the worker waits, and runs once there is one': unknownGpu,
};
