import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleManifest, trainingSetManifest } from '@vigia/contracts';
import { WORKSPACE } from './stack.js';

const DVC = join(WORKSPACE, 'pipelines/.venv/bin/dvc');
/** A smaller world and fewer trees: the pipeline is the real one. */
const SMALLER = { history_days: 40, payments_per_day: 300, trees: 20 };

const METRICS = 'evaluation/metrics.json';

let root: string;
let pipelines: string;
const dvc = (...args: string[]) => promisify(execFile)(DVC, args, { cwd: pipelines });
const read = (file: string): string => readFileSync(join(pipelines, file), 'utf8');

/** The pipeline in a folder of its own, with copies of what its stages depend on. */
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vigia-dvc-'));
  pipelines = join(root, 'pipelines');
  const stages = readFileSync(join(WORKSPACE, 'pipelines/dvc.yaml'), 'utf8');
  const dependencies = [...stages.matchAll(/^ {6}- (?!data\/|evaluation\/)(\S+)$/gm)].map(([, path]) =>
    join('pipelines', path!),
  );
  for (const path of ['pipelines/dvc.yaml', 'pipelines/.dvcignore', ...dependencies])
    cpSync(join(WORKSPACE, path), join(root, path), { recursive: true });
  for (const path of ['node_modules', 'tools/dist', 'pipelines/.venv'])
    symlinkSync(join(WORKSPACE, path), join(root, path));
  const parameters = Object.entries(SMALLER).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^  ${name}: .*$`, 'm'), `  ${name}: ${value}`),
    readFileSync(join(WORKSPACE, 'pipelines/params.yaml'), 'utf8'),
  );
  writeFileSync(join(pipelines, 'params.yaml'), parameters);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('dvc repro makes a model from nothing, and once more the same: snapshot, features, bundle, evaluation', async () => {
  await dvc('init', '--no-scm', '--quiet');
  await dvc('repro', '--quiet');
  const first = { lock: read('dvc.lock'), bundle: read('data/bundle/bundle.json'), metrics: read(METRICS) };
  const bundle = bundleManifest.parse(JSON.parse(first.bundle));
  const trainingSet = trainingSetManifest.parse(JSON.parse(read('data/training-set/manifest.json')));
  expect(bundle.training.datasetSha256).toBe(trainingSet.rowsSha256);
  expect(bundle.parameters['trees']).toBe(SMALLER.trees);

  for (const made of ['data', 'evaluation']) rmSync(join(pipelines, made), { recursive: true });
  await dvc('repro', '--force', '--quiet');
  expect(read('dvc.lock')).toBe(first.lock);
  expect(read('data/bundle/bundle.json')).toBe(first.bundle);
  expect(read(METRICS)).toBe(first.metrics);

  writeFileSync(join(pipelines, 'params.yaml'), read('params.yaml').replace('seed: 11', 'seed: 12'));
  expect((await dvc('status')).stdout).toMatch(/snapshot:/);
}, 600_000);

test('metrics of two commits are told apart, and the curves are drawn', async () => {
  // DVC compares commits: the folder becomes a repository with the lock file and the figures.
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], { cwd: root });
  await git('init', '--quiet');
  await dvc('init', '--subdir', '--force', '--quiet');
  await git('add', 'pipelines/dvc.yaml', 'pipelines/dvc.lock', 'pipelines/params.yaml', 'pipelines/evaluation');
  await git('commit', '--quiet', '--no-verify', '--message', 'first');
  const metrics = JSON.parse(read(METRICS)) as Record<string, number>;
  writeFileSync(join(pipelines, METRICS), JSON.stringify({ ...metrics, roc_auc: 0.5 }));
  const changed = JSON.parse((await dvc('metrics', 'diff', '--json')).stdout) as {
    [file: string]: { roc_auc: { old: number; new: number } };
  };
  expect(changed[METRICS]!.roc_auc).toMatchObject({ old: metrics['roc_auc'], new: 0.5 });
  await dvc('plots', 'show');
  const page = read('dvc_plots/index.html');
  for (const name of ['ROC', 'Precision and recall', 'Calibration']) expect(page).toContain(name);
}, 120_000);
