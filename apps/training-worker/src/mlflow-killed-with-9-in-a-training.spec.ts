import { startMlflow, waitFor, type OwnedServer } from '@vigia/testing';
import { ModelRegistry } from '@vigia/registry';
import { OVER, PATIENCE, Site, ask, jobIn } from './site.fixture.js';

jest.setTimeout(600_000);

const EXPERIMENT = 'outage';

let mlflow: OwnedServer;
let site: Site;

beforeAll(async () => {
  mlflow = await startMlflow();
  site = await Site.open(mlflow.url);
  site.trainingSet('small');
});
afterAll(async () => {
  await site?.close();
  await mlflow?.stop();
});

test('the training waits for it and ends as if nothing had been: one version, no run that goes on', async () => {
  const { url } = await site.start({ MLFLOW_EXPERIMENT: EXPERIMENT, MLFLOW_TIMEOUT_MS: '10000' });
  const registry = new ModelRegistry({ url: mlflow.url, timeoutMs: 30_000 });
  const body = { trainingSet: 'small', evaluate: false, parameters: { trees: 40, depth: 3, learning_rate: 0.1 } };
  const asked = await ask(`${url}/v1/training-jobs`, site.keys.admin, { body });
  const job = { queue: 'train', id: String(asked.body['id']) };
  await waitFor(async () => (await registry.runsOfJob(EXPERIMENT, job.id)).length === 1, PATIENCE);
  await mlflow.kill9();
  const waiting = await jobIn(url, site.keys.reader, job, 'retrying');
  expect(waiting.problem).toMatchObject({ type: 'urn:vigia:problem:dependency_unavailable' });
  await mlflow.restart();
  const done = await jobIn(url, site.keys.reader, job, ...OVER);
  expect(done).toMatchObject({ state: 'completed', result: { model: 'pix-fraud', version: '1' } });
  expect(await registry.versions('pix-fraud')).toHaveLength(1);
  const runs = (await registry.runsOfJob(EXPERIMENT, job.id)).map(({ status }) => status);
  expect(runs[0]).toBe('FINISHED');
  expect(runs.filter((status) => status === 'RUNNING')).toEqual([]);
});
