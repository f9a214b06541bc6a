import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
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

  withHelm('its root renders a project and the application of the chart', () => {
    const { valuesObject } = parse(readFileSync(join(GITOPS, 'roots', `${environment}.yaml`), 'utf8')).spec.source.helm;
    const set = Object.entries(valuesObject).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const args = ['template', 'root', join(GITOPS, 'applications'), '--namespace', 'argocd', ...set];
    const { stdout, stderr } = spawnSync(helm!, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const documents = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(documents.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['AppProject', 'vigia'],
      ['Application', 'vigia'],
    ]);
    expect(documents[0].spec.sourceRepos).toEqual([documents[1].spec.source.repoURL]);
    for (const values of documents[1].spec.source.helm.valueFiles) {
      expect(existsSync(join(WORKSPACE, 'charts/vigia', values))).toBe(true);
    }
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
