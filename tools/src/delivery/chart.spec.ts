import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestApiKey } from '@vigia/platform';
import { parseAllDocuments, stringify } from 'yaml';
import { WORKSPACE } from '../stack.js';
import { RENDERED, findHelm, matrix, render, rendering, sourceDigest } from './helm.js';
import { arrows, componentOf, pods, rendered, valuesWith, type Manifest, type Values } from './manifests.js';

const helm = findHelm();
if (helm === undefined) console.warn('no helm: what it renders is compared by npm run test:charts, which builds it');
const withHelm = helm === undefined ? test.skip : test;

const APPS = Object.keys(valuesWith({})['apps'] as object);

describe.each(matrix())('rendered with the values %s', (name) => {
  const manifests = rendered(name);

  test('is what the chart of this commit renders (else: npm run test:charts)', () => {
    const [first] = readFileSync(join(RENDERED, `${name}.yaml`), 'utf8').split('\n');
    expect(first).toBe(`# ${sourceDigest(name)}`);
  });

  withHelm('is what helm renders', () => {
    expect(readFileSync(join(RENDERED, `${name}.yaml`), 'utf8')).toBe(rendering(helm!, name));
  });

  test('no container is root, writes its image or may gain rights', () => {
    const makesJobs = manifests
      .filter(({ kind }) => kind === 'Role')
      .map(({ metadata }) => componentOf(metadata.labels));
    for (const [component, pod] of pods(manifests)) {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.automountServiceAccountToken).toBe(makesJobs.includes(component));
      for (const { securityContext } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  test('every app has probes, a memory limit and the time that its drain takes', () => {
    for (const app of APPS) {
      const pod = pods(manifests).get(app)!;
      const [container] = pod.containers;
      const env = new Map(container!.env!.map(({ name, value }) => [name, value]));
      const shutdownMs = Number(env.get('SHUTDOWN_GRACE_MS')) + Number(env.get('DRAIN_TIMEOUT_MS')) + 5_000;
      expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(shutdownMs);
      expect(container!.readinessProbe).toMatchObject({ httpGet: { path: '/health/ready', port: 'http' } });
      expect(container!.livenessProbe).toMatchObject({ httpGet: { path: '/health/live', port: 'http' } });
      expect(container!.resources.limits['memory']).toMatch(/^\d+[MG]i$/);
    }
  });

  test('a secret is a reference: no object holds one, no environment spells one out', () => {
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    for (const pod of pods(manifests).values()) {
      for (const { name, value } of pod.containers.flatMap(({ env }) => env ?? [])) {
        if (/SECRET|PASSWORD|_API_KEY$|DATABASE_URL/.test(name)) expect([name, value]).toEqual([name, undefined]);
      }
    }
  });

  test('what one side may call, the other side takes', () => {
    const inside = (arrow: string) => /^[a-z-]+ -> [a-z-]+:/.test(arrow);
    const taken = arrows(manifests, 'ingress').filter((arrow) => !arrow.startsWith('namespace '));
    expect(taken).toEqual(arrows(manifests, 'egress').filter(inside));
  });
});

test('only the arrows of docs/architecture.md are open', () => {
  expect(arrows(rendered('minimal'), 'egress').filter((arrow) => !arrow.endsWith(':53'))).toEqual([
    'feature-store -> postgresql:postgresql',
    'feature-store -> valkey:valkey',
    'ingestion -> postgresql:postgresql',
    'ingestion -> scoring:grpc',
    'ingestion -> valkey:valkey',
    'migration -> postgresql:postgresql',
    'monitoring -> mlflow:mlflow',
    'monitoring -> postgresql:postgresql',
    'monitoring -> valkey:valkey',
    'scoring -> mlflow:mlflow',
    'scoring -> postgresql:postgresql',
    'scoring -> valkey:valkey',
    'training-worker -> mlflow:mlflow',
    'training-worker -> postgresql:postgresql',
    'training-worker -> valkey:valkey',
  ]);
});

test('with data services outside, pods reach their addresses alone', () => {
  const outside = arrows(rendered('full'), 'egress').filter((arrow) => arrow.startsWith('scoring ->'));
  expect(outside).toEqual([
    'scoring -> 10.20.0.0/16:443',
    'scoring -> 10.20.128.0/20:5432',
    'scoring -> 10.20.128.0/20:6379',
    'scoring -> namespace kube-system/kube-dns:53',
  ]);
});

test('air-gapped, every image comes from the registry of the house', () => {
  const images = [...pods(rendered('air-gapped')).values()].flatMap(({ containers }) =>
    containers.map(({ image }) => image),
  );
  expect(images.filter((image) => !image.startsWith('registry.internal:5000/'))).toEqual([]);
  expect(images).toHaveLength(9);
});

describe('trainings as Jobs on GPU nodes', () => {
  const manifests = rendered('full');

  test('the PodTemplate has the image with CUDA, one GPU, a node that has it, and no secret but those of MLflow', () => {
    const pod = pods(manifests).get('training-worker-job')!;
    const [container] = pod.containers;
    expect(pod.nodeSelector).toEqual({ 'vigia/gpu': 'l4' });
    expect(container!.image).toMatch(/vigia-training-worker:0\.1\.0-cuda$/);
    expect(container!.resources.limits['nvidia.com/gpu']).toBe(1);
    expect(container!.env).toEqual([{ name: 'HOME', value: '/tmp' }]);
  });

  test('the worker itself needs no GPU, and has the volume of its Jobs at the same path', () => {
    const [worker, job] = ['training-worker', 'training-worker-job'].map((name) => pods(manifests).get(name)!);
    const [container] = worker!.containers;
    expect([worker!.nodeSelector, container!.resources.limits['nvidia.com/gpu']]).toEqual([undefined, undefined]);
    expect(container!.image).toMatch(/vigia-training-worker:0\.1\.0$/);
    const env = new Map(container!.env!.map(({ name, value }) => [name, value]));
    expect(env.get('TRAINING_DEVICE')).toBe('cuda');
    expect(env.get('EXECUTOR')).toBe('kubernetes');
    const template = manifests.find(({ kind }) => kind === 'PodTemplate')!;
    expect(env.get('KUBERNETES_POD_TEMPLATE')).toBe(template.metadata.name);
    const volume = { name: 'offline', mountPath: '/srv/vigia' };
    for (const pod of [worker!, job!]) expect(pod.containers[0]).toMatchObject({ volumeMounts: arrayWith(volume) });
  });

  test('the worker may make Jobs and see what becomes of them, and nothing else; nobody else may do anything', () => {
    const roles = manifests.filter(({ kind }) => /Role/.test(kind));
    expect(roles.map(({ kind }) => kind)).toEqual(['Role', 'RoleBinding']);
    const rights = roles[0]!.rules.map(({ apiGroups, resources, verbs }) => `${apiGroups}/${resources}: ${verbs}`);
    expect(rights).toEqual([
      '/podtemplates: get',
      'batch/jobs: create,get,delete',
      '/pods,events: list',
      '/pods/log: get',
    ]);
  });

  test('a Job reaches MLflow alone', () => {
    const outside = arrows(manifests, 'egress').filter((arrow) => arrow.startsWith('training-worker-job ->'));
    expect(outside).toEqual([
      'training-worker-job -> 10.20.0.0/16:443',
      'training-worker-job -> namespace kube-system/kube-dns:53',
    ]);
  });
});

const arrayWith = (each: object): unknown => expect.arrayContaining([each]);

withHelm('a worker that trains on a GPU itself gives it back before the next one asks for it', () => {
  const values = ['apps.training-worker.gpu.enabled=true', 'shared.offline.accessMode=ReadWriteMany'];
  const { manifests } = render(helm!, ['--set', values.join()]);
  expect(manifests.match(/maxSurge: 0/g)).toHaveLength(1);
  expect(readFileSync(join(RENDERED, 'full.yaml'), 'utf8')).not.toMatch(/maxSurge: 0/);
});

withHelm('the rules are those of ops/alerts', () => {
  const names = (text: string) => [...text.matchAll(/alert: (\w+)/g)].map(([, name]) => name!).sort();
  const directory = join(WORKSPACE, 'ops/alerts');
  const files = readdirSync(directory).filter((file) => file.endsWith('.yaml'));
  const given = files.map((file) => readFileSync(join(directory, file), 'utf8'));
  const { manifests } = render(helm!, ['--set', 'prometheus.rules=true']);
  expect(names(given.join('\n')).length).toBeGreaterThan(10);
  expect(names(manifests)).toEqual(names(given.join('\n')));
});

withHelm('the dashboards are those of ops/dashboards, under the labels that a Grafana looks for', () => {
  const directory = join(WORKSPACE, 'ops/dashboards');
  const { manifests } = render(helm!, ['--set', 'grafana.dashboards=true', '--set', 'grafana.labels.team=fraud']);
  const given = parseAllDocuments(manifests)
    .map((document) => document.toJS() as (Manifest & { data: Record<string, string> }) | null)
    .filter((each) => each?.kind === 'ConfigMap' && each.metadata.name.startsWith('vigia-dashboard-'));
  const files = readdirSync(directory).sort();
  expect(files.length).toBeGreaterThan(3);
  expect(given.map((each) => each!.metadata.name).sort()).toEqual(
    files.map((file) => `vigia-dashboard-${file.replace('.json', '')}`),
  );
  for (const each of given) {
    expect(each!.metadata.labels).toMatchObject({ grafana_dashboard: '1', team: 'fraud' });
    const [[key, text]] = Object.entries(each!.data) as [[string, string]];
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(directory, key.replace('vigia-', '')), 'utf8')));
  }
  const bare = render(helm!, []);
  expect(bare.manifests).not.toContain('vigia-dashboard-');
});

withHelm('a first install makes keys that fit each other', () => {
  const documents = parseAllDocuments(render(helm!, []).manifests).map(
    (document) => document.toJS() as Manifest | null,
  );
  const secret = documents.find((each) => each?.kind === 'Secret') as unknown as { data: Record<string, string> };
  const value = (key: string) => Buffer.from(secret.data[key]!, 'base64').toString();
  const keys = JSON.parse(value('api-keys.json')) as { name: string; sha256: string; scopes: string[] }[];
  const digests = [value('scoring-api-key'), value('operator-api-key')].map(digestApiKey);
  expect(keys.map(({ sha256 }) => sha256)).toEqual(digests);
  expect(keys[0]!.scopes).toEqual(['assess']);
  expect(value('pseudonym-secret').length).toBeGreaterThanOrEqual(32);
  expect(value('database-url')).toBe(`postgres://vigia:${value('postgresql-password')}@vigia-postgresql:5432/vigia`);
});

describe('helm refuses, and says what to do', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-values-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  withHelm.each<[string, Values, string]>([
    ['a PostgreSQL outside without a secret', { postgresql: { embedded: false } }, 'secrets.existing: is empty'],
    ['a Valkey outside without a host', { valkey: { embedded: false } }, 'valkey.external.host: is empty'],
    ['an MLflow outside without an address', { mlflow: { embedded: false } }, 'mlflow.external.url: is empty'],
    ['an ingress without a host', { ingress: { enabled: true } }, 'ingress.host: is empty'],
    [
      'a call to an app that is off',
      { apps: { scoring: { enabled: false } } },
      'apps.ingestion.calls: scoring is not an app that is enabled',
    ],
    [
      'a GPU beside a disk of another node',
      { apps: { 'training-worker': { gpu: { enabled: true } } } },
      'shared.offline.accessMode must be ReadWriteMany',
    ],
    ['what the schema refuses, by its path', { apps: { scoring: { replicas: 'two' } } }, '/apps/scoring/replicas'],
  ])('%s', (title, values, problem) => {
    const file = join(directory, `${title.replace(/\W/g, '-')}.yaml`);
    writeFileSync(file, stringify(values));
    expect(render(helm!, ['--values', file]).problem.replaceAll("at '", '')).toContain(problem);
  });
});

withHelm('the longest name of a release still makes names that Kubernetes takes', () => {
  const { manifests } = render(helm!, ['--set', 'secrets.existing=s'], 'a'.repeat(53));
  const names = [...manifests.matchAll(/^ {2}name: (\S+)$/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => name.length > 63)).toEqual([]);
});
