import { equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KubernetesObject } from '@vigia/testing';
import { parse } from 'yaml';
import { WORKSPACE } from '../stack.js';
import {
  NAMESPACE,
  apps,
  condition,
  createNamespace,
  imageOf,
  pods,
  settles,
  type Case,
  type Context,
} from './context.js';
import { type GitServer } from './git-server.js';

const ARGO = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications';
const SECRETS = `/apis/external-secrets.io/v1/namespaces/${NAMESPACE}/externalsecrets`;
const SCORING = apps('statefulsets', 'vigia-scoring');
const JOB = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/vigia-migration`;
const RELEASE = 'gitops/environments/dev/release.yaml';

const modelOf = (workload: KubernetesObject): string =>
  workload['spec'].template.spec.containers[0].env.find(({ name }: { name: string }) => name === 'MODEL_URI').value;

async function isSyncedAndHealthy({ cluster }: Context, commit?: string): Promise<boolean> {
  const application = await cluster.api.find(`${ARGO}/vigia`);
  const { sync, health } = application?.['status'] ?? {};
  return (
    sync?.status === 'Synced' && health?.status === 'Healthy' && (commit === undefined || sync.revision === commit)
  );
}

/** What an environment has before Argo CD comes: storage, nodes of its pools, External Secrets with its resource. */
export async function prepareEnvironment(context: Context): Promise<void> {
  const { api } = context.cluster;
  for (const name of ['gp3', 'efs']) {
    const provisioner = 'kubernetes.io/host-path';
    await api.create('/apis/storage.k8s.io/v1/storageclasses', { metadata: { name }, provisioner });
  }
  const pool = { 'vigia/pool': 'scoring' };
  for (const name of ['scoring-1', 'scoring-2']) await context.cluster.addNode({ name, labels: pool });
  await context.cluster.addNode({
    name: 'gpu-t4',
    labels: { 'vigia/gpu': 't4' },
    taints: [{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }],
    capacity: { 'nvidia.com/gpu': '1' },
  });
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const version = { name: 'v1', served: true, storage: true, schema, subresources: { status: {} } };
  await api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'externalsecrets.external-secrets.io' },
    spec: {
      group: 'external-secrets.io',
      scope: 'Namespaced',
      names: { kind: 'ExternalSecret', plural: 'externalsecrets', singular: 'externalsecret' },
      versions: [version],
    },
  });
  await createNamespace(context, NAMESPACE);
}

/** The root as it is committed, but for the address of the repository. */
async function applyRoot({ cluster }: Context, repository: string): Promise<void> {
  const root = parse(readFileSync(join(WORKSPACE, 'gitops/roots/dev.yaml'), 'utf8'));
  root.spec.source.repoURL = repository;
  root.spec.source.helm.valuesObject.repository = repository;
  await cluster.api.apply(`${ARGO}/root`, root);
}

/** External Secrets' part: it fills the Secret, then says that it is ready. */
async function fillSecret({ cluster: { api } }: Context): Promise<void> {
  const keys = ['database-url', 'pseudonym-secret', 'api-keys.json', 'scoring-api-key', 'redis-url', 'redis-password'];
  await api.create(`/api/v1/namespaces/${NAMESPACE}/secrets`, {
    metadata: { name: 'vigia-secrets' },
    stringData: Object.fromEntries(keys.map((key) => [key, 'of no use here'])),
  });
  const ready = { type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced' };
  await api.patch(`${SECRETS}/vigia-secrets/status`, { status: { conditions: [ready] } });
}

/** Cases in order, each on what the ones before left. */
export function gitopsCases(git: GitServer): Record<string, Case> {
  const installs: Case = async (context) => {
    const { api } = context.cluster;
    const began = Date.now();
    await applyRoot(context, git.url);
    await settles(
      'the root makes the application, and that its secret',
      async () => (await api.find(`${SECRETS}/vigia-secrets`)) !== undefined,
    );
    equal(await api.find(JOB), undefined, 'the migration did not wait for its secret');
    equal(await api.find(SCORING), undefined, 'the pods did not wait for the migration');
    await fillSecret(context);
    await settles('all of it is there and healthy', () => isSyncedAndHealthy(context));
    const [job, scoring] = [await api.get(JOB), await api.get(SCORING)];
    equal(condition(job, 'Complete').status, 'True');
    ok(job['status'].completionTime <= String(scoring.metadata['creationTimestamp']), 'pods came before the migration');
    return `healthy ${Math.round((Date.now() - began) / 1_000)} s after kubectl apply of the root`;
  };

  const promotes: Case = async (context) => {
    const { api } = context.cluster;
    const began = Date.now();
    const commit = git.commit('Promote 0.2.0 with model 7', RELEASE, (text) =>
      text.replace(/tag: \S+ /, 'tag: 0.2.0 ').replace('pix-fraud@champion', 'pix-fraud/7'),
    );
    await settles('the commit is rolled out', () => isSyncedAndHealthy(context, commit));
    const scoring = await api.get(SCORING);
    match(imageOf(scoring), /\/vigia-scoring:0\.2\.0$/);
    equal(modelOf(scoring), 'models:/pix-fraud/7');
    const running = (await api.list(pods())).filter(({ metadata }) => metadata.name.startsWith('vigia-scoring-'));
    ok(
      running.every(({ spec }) => spec.containers[0].image.endsWith(':0.2.0')),
      'a pod has the old image',
    );
    return `${Math.round((Date.now() - began) / 1_000)} s from the push to the last pod (Argo CD looked every 3 s)`;
  };

  const heals: Case = async (context) => {
    const { api } = context.cluster;
    const feature = apps('deployments', 'vigia-feature-store');
    const [{ metadata: old }, wanted] = [await api.get(feature), imageOf(await api.get(feature))];
    const began = Date.now();
    const image = 'registry.example.com/vigia/vigia-feature-store:by-hand';
    await api.patch(`${feature}/scale`, { spec: { replicas: 3 } });
    const service = `/api/v1/namespaces/${NAMESPACE}/services/vigia-feature-store`;
    await api.delete(service);
    const containers = (await api.get(feature))['spec'].template.spec.containers;
    await api.patch(feature, { spec: { template: { spec: { containers: [{ ...containers[0], image }] } } } });
    await settles('what was changed and deleted by hand is as committed', async () => {
      const now = await api.get(feature);
      const isBack = now['spec'].replicas === 1 && imageOf(now) === wanted && (await api.find(service)) !== undefined;
      return isBack && now.metadata.generation! > old.generation!;
    });
    await settles('and healthy', () => isSyncedAndHealthy(context));
    return `${Math.round((Date.now() - began) / 1_000)} s`;
  };

  const failedMigrationStops: Case = async (context) => {
    const { api } = context.cluster;
    const before = await api.get(SCORING);
    git.commit('Promote a release that cannot migrate', RELEASE, (text) =>
      text.replace('tag: 0.2.0', 'tag: 0.3.0-fails'),
    );
    await settles('its migration fails', async () => ((await api.find(JOB))?.['status']?.failed ?? 0) >= 1);
    const job = await api.get(JOB);
    match(job['spec'].template.spec.containers[0].image, /:0\.3\.0-fails$/);
    equal((await api.get(SCORING)).metadata.generation, before.metadata.generation, 'the roll-out reached the pods');
    const { operationState } = (await api.get(`${ARGO}/vigia`))['status'];
    equal(operationState.phase, 'Running');
    const sets = operationState.syncResult.resources.filter(({ kind }: { kind: string }) => kind === 'StatefulSet');
    equal(JSON.stringify(sets.map(({ name }: { name: string }) => name)), '["vigia-mlflow"]', 'wave 0 has begun');
  };

  return {
    'Argo CD brings up dev from a commit: secret, migration, pods': installs,
    'a commit of an image tag and a model version is rolled out': promotes,
    'drift by hand heals': heals,
    'a commit whose migration fails reaches no pod': failedMigrationStops,
  };
}
