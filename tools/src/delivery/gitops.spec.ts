import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { WORKSPACE } from '../stack.js';
import { findHelm, render, matrix } from './helm.js';
import { rendered, type Manifest } from './manifests.js';

const GITOPS = join(WORKSPACE, 'gitops');
const ENVIRONMENTS = readdirSync(join(GITOPS, 'environments'));
const helm = findHelm();
const withHelm = helm === undefined ? test.skip : test;

/** Argo CD goes from wave to wave when all of the one before is healthy. */
function waveOf({ metadata }: Manifest): number {
  const { annotations = {} } = metadata as { annotations?: Record<string, string> };
  return Number(annotations['argocd.argoproj.io/sync-wave'] ?? 0);
}

describe.each(ENVIRONMENTS)('environment %s', (environment) => {
  const file = (name: string) => join(GITOPS, 'environments', environment, name);

  test('has a root that installs it from one repository', () => {
    const { source } = parse(readFileSync(join(GITOPS, 'roots', `${environment}.yaml`), 'utf8')).spec;
    expect(source.helm.valuesObject).toEqual({
      environment,
      repository: source.repoURL,
      revision: source.targetRevision,
    });
  });

  test('a promotion can change an image tag and a model, and nothing else', () => {
    expect(parse(readFileSync(file('release.yaml'), 'utf8'))).toEqual({
      image: { tag: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      apps: { scoring: { env: { MODEL_URI: expect.stringMatching(/^models:\/pix-fraud(@champion|\/\d+)$/) } } },
    });
  });

  withHelm('the chart takes its values, and makes no secret that would be another at each look', () => {
    const { manifests, problem } = render(helm!, ['--values', file('values.yaml'), '--values', file('release.yaml')]);
    expect(problem.replace(/^walk\.go.*\n/gm, '')).toBe('');
    const kinds = parseAllDocuments(manifests).map((document) => (document.toJS() as Manifest | null)?.kind);
    expect(kinds).toContain('ExternalSecret');
    expect(kinds).not.toContain('Secret');
  });
});

test.each(matrix())('with the values %s, the migration waits for what it needs, and pods for the migration', (name) => {
  const manifests = rendered(name);
  const waves = (wanted: (manifest: Manifest) => boolean) => [...new Set(manifests.filter(wanted).map(waveOf))];
  const isEmbedded = ({ metadata }: Manifest) => /-(postgresql|valkey|mlflow)$/.test(metadata.name);
  expect(waves(({ kind }) => kind === 'Job')).toEqual([-1]);
  expect(waves((each) => each.kind === 'ExternalSecret' || (each.kind === 'StatefulSet' && isEmbedded(each)))).toEqual([
    -2,
  ]);
  expect(waves(({ kind }) => kind === 'ServiceAccount')).toEqual([-2]);
  expect(waves((each) => ['Deployment', 'StatefulSet'].includes(each.kind) && !isEmbedded(each))).toEqual([0]);
});
