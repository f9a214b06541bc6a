import type { Service } from '@vigia/platform';
import { mlflowServer, waitFor } from '@vigia/testing';
import { RegisteredModel } from '../registered.fixture.js';
import { OVER, PATIENCE, Site, ask, jobIn } from '../site.fixture.js';

jest.setTimeout(360_000);

let site: Site;
let service: Service;
let model: RegisteredModel;

/** Tells of a trial and of its own and a child's process ids, then stays. */
const ENDLESS = `sleep 600 & echo '{"kind":"progress","stage":"tuning","share":0.3,"text":"'"$$ $!"'","trial":3,"trials":20,"best":0.68,"etaSeconds":40}'
echo "says something" >&2; wait`;

beforeAll(async () => {
  const mlflowUrl = await mlflowServer();
  model = new RegisteredModel(mlflowUrl);
  await model.startRun('another job');
  site = await Site.open(mlflowUrl);
  site.trainingSet('small', { rows: 100 });
  service = await site.start({ ...site.scripts({ 'vigia-train': ENDLESS }), MLFLOW_EXPERIMENT: model.experiment });
});
afterAll(() => site?.close());

const post = (body: object, idempotencyKey?: string) =>
  ask(`${service.url}/v1/training-jobs`, site.keys.admin, {
    body,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
const read = (id: string) => ask(`${service.url}/v1/training-jobs/${id}`, site.keys.reader);
const cancel = (id: string) => ask(`${service.url}/v1/training-jobs/${id}`, site.keys.admin, { method: 'DELETE' });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a repeated key answers the same job, and is refused with another body', async () => {
  const body = { model: model.name, trainingSet: 'small', parameters: { trees: 10 } };
  const first = await post(body, 'key-1');
  expect(first.status).toBe(202);
  expect(first.headers.get('location')).toBe(`/v1/training-jobs/${String(first.body['id'])}`);
  const second = await post(body, 'key-1');
  expect([second.status, second.body['id']]).toEqual([202, first.body['id']]);
  expect(await post({ ...body, parameters: { trees: 11 } }, 'key-1')).toMatchObject({
    status: 409,
    body: { type: 'urn:vigia:problem:idempotency_key_reused' },
  });
  const { body: list } = await ask(`${service.url}/v1/training-jobs`, site.keys.reader);
  expect(list['jobs']).toMatchObject([{ id: first.body['id'] }]);
  await cancel(String(first.body['id']));
  await jobIn(service.url, site.keys.reader, { queue: 'train', id: String(first.body['id']) }, 'cancelled');
});

test('it shows its trial, keeps its log, and cancelled ends with every process of its group', async () => {
  const { body } = await post({ model: model.name, trainingSet: 'small' });
  const id = String(body['id']);
  await waitFor(async () => (await read(id)).body['progress'] !== null, PATIENCE);
  const { progress } = (await read(id)).body as { progress: { step: string } };
  expect(progress).toMatchObject({ share: 0.3, stage: 'tuning', trial: 3, trials: 20, best: 0.68, etaSeconds: 40 });
  const pids = progress.step.split(' ').map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  // What a trainer leaves that is killed before it can end its run.
  const runId = await model.startRun(id);
  expect(await cancel(id)).toMatchObject({ status: 202, body: { state: 'cancelling' } });
  await jobIn(service.url, site.keys.reader, { queue: 'train', id }, 'cancelled');
  await waitFor(() => pids.every((pid) => !isAlive(pid)));
  await waitFor(async () => (await model.registry.runsOfJob(model.experiment, id))[0]?.status === 'KILLED');
  expect(await model.registry.runsOfJob(model.experiment, id)).toEqual([{ runId, status: 'KILLED' }]);
  const others = await model.registry.runsOfJob(model.experiment, 'another job');
  expect(others.map(({ status }) => status)).toEqual(['RUNNING']);
  const log = await fetch(`${service.url}/v1/training-jobs/${id}/log`, { headers: { 'x-api-key': site.keys.reader } });
  expect(log.headers.get('content-type')).toContain('text/plain');
  expect(await log.text()).toMatch(/vigia-train --data .*small[^]*says something/);
});

test('a run that an attempt killed with -9 left behind is ended, and the version that it registered is the answer', async () => {
  const cause = { alert: '7', kind: 'score_drift', bundleVersion: 'bundle-0', signals: ['score'] };
  const { body } = await post({ model: model.name, trainingSet: 'small', evaluate: false, cause }, 'twice');
  const id = String(body['id']);
  await waitFor(async () => (await read(id)).body['progress'] !== null, PATIENCE);
  // The attempt gets as far as to register, and dies with its service before it can say so.
  const version = await model.addVersion('pending', {}, id);
  await service.close();
  service = await site.start({ ...site.scripts({ 'vigia-train': ENDLESS }), MLFLOW_EXPERIMENT: model.experiment });
  const job = await jobIn(service.url, site.keys.reader, { queue: 'train', id }, ...OVER);
  expect(job).toMatchObject({
    state: 'completed',
    result: {
      model: model.name,
      version,
      bundleVersion: 'bundle-1',
      metrics: { average_precision: 0.5 },
      evaluation: null,
    },
  });
  const [run] = await model.registry.runsOfJob(model.experiment, id);
  expect(run!.status).toBe('KILLED');
  expect(JSON.parse((await model.tagsOf(run!.runId)).get('vigia.cause')!)).toEqual(cause);
  expect(await model.registry.versions(model.name)).toHaveLength(1);
});

test('a run that a job that was given up left in MLflow is ended at the next look', async () => {
  const { body } = await post({ model: model.name, trainingSet: 'small' });
  const id = String(body['id']);
  await waitFor(async () => (await read(id)).body['progress'] !== null, PATIENCE);
  await cancel(id);
  await jobIn(service.url, site.keys.reader, { queue: 'train', id }, 'cancelled');
  await model.startRun(id);
  await service.close();
  const settings = { MLFLOW_EXPERIMENT: model.experiment, GAUGE_REFRESH_SECONDS: '1' };
  service = await site.start({ ...site.scripts({ 'vigia-train': ENDLESS }), ...settings });
  const statuses = async () => (await model.registry.runsOfJob(model.experiment, id)).map(({ status }) => status);
  await waitFor(async () => (await statuses()).every((status) => status === 'KILLED'), PATIENCE);
});

test.each([
  [{ trainingSet: 'none' }, 404, 'trainingSet', 'is not known here'],
  [{ trainingSet: '../small' }, 400, 'trainingSet', 'no path'],
  [{ trainingSet: 'small', model: 'No' }, 400, 'model', 'a-z'],
  [{ trainingSet: 'small', parameters: { 'a b': 1 } }, 400, 'parameters.(key not shown)', ''],
  [{ trainingSet: 'small', trees: 5 }, 400, 'trees', 'is not known here'],
])('%j is refused at once', async (body, status, field, message) => {
  const answer = await post(body);
  expect(answer.status).toBe(status);
  expect(answer.body['errors']).toEqual([{ field, message: expect.stringContaining(message) as unknown }]);
});

test.each([
  ['/v1/training-jobs/none', 'id'],
  ['/v1/training-jobs/none/log', 'id'],
  ['/v1/training-jobs/..%2Fbin/log', 'id'],
  ['/v1/jobs/audit/1', 'queue'],
])('%s is a problem that names %s', async (path, field) => {
  const answer = await ask(service.url + path, site.keys.reader);
  expect(answer).toMatchObject({ status: 404, body: { errors: [{ field }] } });
});

test('a key that does not fit is refused, and a reader trains nothing', async () => {
  const answer = await post({ trainingSet: 'small' }, 'a key with blanks');
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } });
  const byReader = await ask(`${service.url}/v1/training-jobs`, site.keys.reader, { body: { trainingSet: 'small' } });
  expect(byReader.status).toBe(403);
});
