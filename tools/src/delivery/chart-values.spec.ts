import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { WORKSPACE } from '../stack.js';
import { CHART, matrix } from './helm.js';
import { valuesFile, valuesWith, type Values } from './manifests.js';

const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as object;
const fits = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false }).compile(schema);

/** Where values do not fit, as `/apps/scoring/replicas must be integer`. */
function problems(values: Values): string[] {
  fits(values);
  return (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('the defaults fit the schema', () => {
  expect(problems(valuesWith({}))).toEqual([]);
});

test.each(matrix())('the values %s fit the schema', (name) => {
  expect(problems(valuesWith(valuesFile(name)))).toEqual([]);
});

test.each<[string, Values, string]>([
  ['a key that is not there', { scoring: { replicas: 2 } }, ' must NOT have additional properties'],
  ['a number as a word', { apps: { scoring: { replicas: 'two' } } }, '/apps/scoring/replicas must be integer'],
  [
    'a port out of range',
    { apps: { scoring: { ports: { http: 70_000 } } } },
    '/apps/scoring/ports/http must be <= 65535',
  ],
  [
    'an unknown GPU type',
    { apps: { 'training-worker': { gpu: { enabled: true, type: 'voodoo' } } } },
    '/apps/training-worker/gpu/type must be equal to one of the allowed values',
  ],
  [
    'Jobs without a deadline',
    { apps: { 'training-worker': { jobs: { deadlineSeconds: 0 } } } },
    '/apps/training-worker/jobs/deadlineSeconds must be >= 60',
  ],
  [
    'a worker scaled to zero, which answers no API',
    { apps: { 'training-worker': { keda: { minReplicas: 0 } } } },
    '/apps/training-worker/keda/minReplicas must be >= 1',
  ],
  [
    'a secret among the settings',
    { apps: { scoring: { env: { PSEUDONYM_SECRET: 'x' } } } },
    '/apps/scoring/env property name must be valid',
  ],
  [
    'an app without what it runs with',
    { apps: { other: { enabled: true } } },
    "/apps/other must have required property 'ports'",
  ],
  [
    'a Deployment with a disk of its own',
    { apps: { scoring: { kind: 'Deployment' } } },
    '/apps/scoring/storage boolean schema is false',
  ],
  [
    'memory without a limit',
    { apps: { scoring: { resources: { limits: null } } } },
    '/apps/scoring/resources/limits must be object',
  ],
  [
    'a path of operations let outside',
    { ingress: { paths: [{ path: '/metrics', app: 'scoring' }] } },
    '/ingress/paths/0/path must match pattern "^/v1(/|$)"',
  ],
])('the schema refuses %s', (_, over, problem) => {
  expect(problems(valuesWith(over))).toContain(problem);
});

/** Settings of an app, as its table in docs/reference.md has them. */
function settingsOf(app: string): string[] {
  const page = readFileSync(join(WORKSPACE, 'docs/reference.md'), 'utf8');
  const table = page.split(`<!-- generated:${app}-settings -->`)[1]?.split('<!-- end -->')[0];
  if (table === undefined) throw new Error(`docs/reference.md has no settings of ${app}`);
  return [...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name!);
}

interface App {
  env: Record<string, unknown>;
  secretEnv: Record<string, string>;
}

test.each(Object.entries(valuesWith({})['apps'] as Record<string, App>))(
  'every setting of %s is one it knows',
  (name, app) => {
    const known = settingsOf(name);
    const given = [...Object.keys(app.env), ...Object.keys(app.secretEnv)];
    expect(given.filter((setting) => !known.includes(setting))).toEqual([]);
  },
);
