import { execFileSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { JobView } from '@vigia/platform';
import { freePort, mlflowServer, spawnTypescript, waitFor } from '@vigia/testing';
import { RegisteredModel } from './registered.fixture.js';
import { OVER, PATIENCE, Site, ask, jobIn } from './site.fixture.js';

jest.setTimeout(600_000);

let site: Site;
let model: RegisteredModel;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  const mlflowUrl = await mlflowServer();
  model = new RegisteredModel(mlflowUrl);
  site = await Site.open(mlflowUrl);
  site.trainingSet('small');
  site.trainingSet('genuine', { rows: 2_000, frauds: false });
});
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await site?.close();
});

/** A worker in a process of its own. */
async function startWorker(): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort();
  const overrides = { JOB_LOCK_SECONDS: '3', MLFLOW_EXPERIMENT: model.experiment };
  const process = spawnTypescript(join(__dirname, 'main.ts'), [], site.processSettings(port, overrides));
  workers.push(process);
  const url = `http://127.0.0.1:${port}`;
  await waitFor(async () => (await fetch(`${url}/health/ready`)).ok, PATIENCE);
  return { url, process };
}

/** The trainers of a job that are alive. */
function trainersOf(jobId: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes('vigia-train') && line.includes(jobId) && !/^\s*\d+ Z/.test(line));
}

test('another trains anew: one version, no run that goes on, no trainer left; then the gate, and the challenger', async () => {
  const first = await startWorker();
  const body = { model: model.name, trainingSet: 'small', parameters: { trees: 60, depth: 3, learning_rate: 0.1 } };
  const asked = await ask(`${first.url}/v1/training-jobs`, site.keys.admin, { body, idempotencyKey: 'one' });
  const id = String(asked.body['id']);
  const begun = async () =>
    (await model.registry.runsOfJob(model.experiment, id)).some(({ status }) => status === 'RUNNING');
  await waitFor(begun, PATIENCE);
  expect(trainersOf(id)).not.toEqual([]);
  first.process.kill('SIGKILL');
  await waitFor(() => trainersOf(id).length === 0, PATIENCE);

  const second = await startWorker();
  const again = await ask(`${second.url}/v1/training-jobs`, site.keys.admin, { body, idempotencyKey: 'one' });
  expect(again.body['id']).toBe(id);
  const job = await jobIn(second.url, site.keys.reader, { queue: 'train', id }, ...OVER);
  expect(job).toMatchObject({
    state: 'completed',
    result: { version: '1', metrics: { average_precision: expect.any(Number) } },
  });
  expect(await model.registry.versions(model.name)).toHaveLength(1);
  const runs = (await model.registry.runsOfJob(model.experiment, id)).map(({ status }) => status);
  expect(runs).toEqual(['FINISHED', 'KILLED']);

  const { evaluation } = job.result as { evaluation: string };
  const judged = await jobIn(second.url, site.keys.reader, { queue: 'evaluate', id: evaluation }, ...OVER);
  expect(judged).toMatchObject({ state: 'completed', result: { version: '1', champion: null } });
  const { passed, checks } = judged.result as { passed: boolean; checks: { name: string }[] };
  expect(checks.length).toBeGreaterThan(3);
  const version = (await model.registry.version(model.name, '1'))!;
  expect(version.gate).toBe(passed ? 'passed' : 'failed');
  expect(version.aliases).toEqual(passed ? ['challenger'] : []);
  const log = await fetch(`${second.url}/v1/training-jobs/${id}/log`, { headers: { 'x-api-key': site.keys.reader } });
  expect((await log.text()).match(/^--- .* vigia-train/gm)).toHaveLength(2);
});

test('a training set without fraud fails with the reason of the trainer, once, and leaves no run that goes on', async () => {
  const { url } = await startWorker();
  const body = { model: model.name, trainingSet: 'genuine' };
  const { body: asked } = await ask(`${url}/v1/training-jobs`, site.keys.admin, { body });
  const job = await jobIn(url, site.keys.reader, asked as unknown as JobView, ...OVER);
  expect(job).toMatchObject({
    state: 'failed',
    failedAttempts: 1,
    problem: { type: 'urn:vigia:problem:training_refused', detail: expect.stringMatching(/fraud/) },
  });
  const runs = await model.registry.runsOfJob(model.experiment, job.id);
  expect(runs.filter(({ status }) => status === 'RUNNING')).toEqual([]);
});
