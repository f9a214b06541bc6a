import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { WORKSPACE } from '../stack.js';
import { GO_PROGRAMS } from './go-programs.js';
import { valuesWith } from './manifests.js';

const DIRECTORY = join(WORKSPACE, '.github/workflows');

interface Job {
  strategy?: { matrix: { app?: string[] } };
  'timeout-minutes'?: number;
  steps: { run?: string; with?: Record<string, string> }[];
}

interface Workflow {
  permissions: object;
  jobs: { [name: string]: Job };
}

const read = (file: string) => parse(readFileSync(join(DIRECTORY, file), 'utf8'), { merge: true }) as Workflow;
const files = readdirSync(DIRECTORY);

test.each(files)('%s calls commands that exist, may do little, and ends', (file) => {
  const { scripts } = JSON.parse(readFileSync(join(WORKSPACE, 'package.json'), 'utf8')) as { scripts: object };
  const { permissions, jobs } = read(file);
  expect(permissions).toEqual({ contents: 'read' });
  for (const job of Object.values(jobs)) {
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    for (const { run } of job.steps) {
      const called = [...(run ?? '').matchAll(/npm (?:run )?(?:--silent )?([a-z:]+)/g)].map(([, name]) => name!);
      expect(called.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    }
  }
});

test('a value that someone typed reaches no shell as text', () => {
  for (const file of files) {
    for (const { steps } of Object.values(read(file).jobs)) {
      for (const { run } of steps) expect(run ?? '').not.toMatch(/\$\{\{/);
    }
  }
});

test('a release builds an image of every app of the chart', () => {
  const { images, trainer } = read('release.yml').jobs;
  expect(trainer).toBeDefined();
  const built = [...images!.strategy!.matrix.app!, 'training-worker'];
  expect(built.sort()).toEqual(Object.keys(valuesWith({})['apps'] as object).sort());
});

test('a release packages the chart with the helm it is checked with', () => {
  const versions = read('release.yml').jobs['chart']!.steps.map((step) => step.with?.['version']);
  expect(versions).toContain(GO_PROGRAMS.helm.version);
});
