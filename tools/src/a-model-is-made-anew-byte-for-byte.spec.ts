import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

/** The pipeline in a folder of its own, its code where it is. */
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vigia-dvc-'));
  pipelines = join(root, 'pipelines');
  mkdirSync(pipelines);
  for (const name of ['tools', 'libs', 'node_modules', 'package-lock.json']) link(name);
  for (const name of ['.venv', 'src', 'uv.lock']) link(`pipelines/${name}`);
  for (const name of ['dvc.yaml', '.dvcignore'])
    copyFileSync(join(WORKSPACE, 'pipelines', name), join(pipelines, name));
  const parameters = Object.entries(SMALLER).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^  ${name}: .*$`, 'm'), `  ${name}: ${value}`),
    readFileSync(join(WORKSPACE, 'pipelines/params.yaml'), 'utf8'),
  );
  writeFileSync(join(pipelines, 'params.yaml'), parameters);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const link = (path: string): void => symlinkSync(join(WORKSPACE, path), join(root, path));

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
