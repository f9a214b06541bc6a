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

let root: string;
let pipelines: string;
const dvc = (...args: string[]) => promisify(execFile)(DVC, args, { cwd: pipelines });
const read = (file: string): string => readFileSync(join(pipelines, file), 'utf8');

/** The pipeline in a folder of its own, with copies of what its stages depend on. */
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vigia-dvc-'));
  pipelines = join(root, 'pipelines');
  const stages = readFileSync(join(WORKSPACE, 'pipelines/dvc.yaml'), 'utf8');
  const dependencies = [...stages.matchAll(/^ {6}- (?!data\/)(\S+)$/gm)].map(([, path]) => join('pipelines', path!));
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

test('dvc repro makes a model from nothing, and once more the same: world, training set and bundle', async () => {
  await dvc('init', '--no-scm', '--quiet');
  await dvc('repro', '--quiet');
  const first = { lock: read('dvc.lock'), bundle: read('data/bundle/bundle.json') };
  const bundle = bundleManifest.parse(JSON.parse(first.bundle));
  const trainingSet = trainingSetManifest.parse(JSON.parse(read('data/training-set/manifest.json')));
  expect(bundle.training.datasetSha256).toBe(trainingSet.rowsSha256);
  expect(bundle.parameters['trees']).toBe(SMALLER.trees);

  rmSync(join(pipelines, 'data'), { recursive: true });
  await dvc('repro', '--force', '--quiet');
  expect(read('dvc.lock')).toBe(first.lock);
  expect(read('data/bundle/bundle.json')).toBe(first.bundle);

  writeFileSync(join(pipelines, 'params.yaml'), read('params.yaml').replace('seed: 11', 'seed: 12'));
  expect((await dvc('status')).stdout).toMatch(/world:/);
}, 600_000);
