import type { Alert } from '@vigia/ledger';
import { createLogger, type JobQueues } from '@vigia/platform';
import { mlflowServer, waitFor } from '@vigia/testing';
import { Airflow } from './loop/airflow.js';
import { Loop, type LoopSettings } from './loop/loop.js';
import { RegisteredModel } from './registered.fixture.js';
import { PATIENCE, Site } from './site.fixture.js';

jest.setTimeout(240_000);

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 20);

let site: Site;
let model: RegisteredModel;
let queues: JobQueues;
let hours = 0;

beforeAll(async () => {
  const mlflowUrl = await mlflowServer();
  model = new RegisteredModel(mlflowUrl);
  await model.addVersion(null);
  await model.registry.setAlias(model.name, 'champion', await model.addVersion(null));
  site = await Site.open(mlflowUrl);
  queues = await site.queues();
});
afterAll(() => site?.close());

/** Opens an alert as a run does. */
async function openAlert(kind: string, bundleVersion: string, role: Alert['role'] = 'champion'): Promise<Alert> {
  const fromMs = START_MS + hours++ * HOUR_MS;
  const seenAtMs = fromMs + HOUR_MS;
  const window = { model: model.name, bundleVersion, role, fromMs, toMs: seenAtMs, payments: 9, counts: {} };
  const signals = [{ signal: 'realised/recall_at_review', value: 0.5, reason: null }];
  await site.ledger.monitoring.recordWindow(
    { ...window, verdicts: [] },
    () => [{ step: 'open', kind, change: { severity: 'critical', signals, windows: 1, seenAtMs } }],
    () => [],
  );
  return (await site.ledger.monitoring.alerts({ model: model.name, state: 'open', limit: 1 }))[0]!;
}

/** @param nowMs of its clock: the cool-down goes by it */
function loopOf(settings: Partial<LoopSettings>, nowMs = START_MS): Loop {
  return new Loop({
    record: site.ledger.monitoring,
    queues,
    registry: model.registry,
    // Nobody listens there.
    airflow: new Airflow({ url: 'http://127.0.0.1:9', username: '', password: '', timeoutMs: 100 }),
    settings: {
      model: model.name,
      featureSet: 'pix',
      retrainOn: [],
      rollbackOn: [],
      retrainBy: 'queue',
      retrainDays: 60,
      labelDelayDays: 7,
      coolDownHours: 24,
      budget: 4,
      ...settings,
    },
    asked: () => undefined,
    logger: createLogger({ service: 'monitoring', version: 'test', level: 'fatal' }),
    now: () => nowMs,
  });
}

const ON = { rollbackOn: ['realised_performance'] };

test('by default nothing is rolled back', async () => {
  await openAlert('realised_performance', 'bundle-2');
  await loopOf({}).advance();
  expect(await queues.recent('rollback', 5)).toEqual([]);
});

test('where the settings name the kind, the job waits with the alert as its reason; asked again it is the same', async () => {
  const [alert] = await site.ledger.monitoring.alerts({ model: model.name, limit: 1 });
  await Promise.all([loopOf(ON).advance(), loopOf(ON).advance()]);
  await loopOf(ON, START_MS + 100 * 24 * HOUR_MS).advance();
  expect(await queues.recent('rollback', 5)).toMatchObject([
    {
      id: `alert-${alert!.id}`,
      state: 'waiting',
      payload: {
        model: model.name,
        by: 'monitoring',
        reason: `alert ${alert!.id} of bundle-2: realised_performance (realised/recall_at_review)`,
      },
    },
  ]);
});

test('an alert of a version that decides no more, of the challenger, or that is silenced, asks for nothing', async () => {
  const later = START_MS + 200 * 24 * HOUR_MS;
  await openAlert('realised_performance', 'bundle-1');
  await openAlert('realised_performance', 'bundle-3', 'challenger');
  const silenced = await openAlert('score_drift', 'bundle-2');
  await site.ledger.monitoring.silence(silenced.id, { untilMs: later + HOUR_MS, by: 'Ana', reason: 'known' });
  await loopOf({ rollbackOn: ['realised_performance', 'score_drift'], retrainOn: ['score_drift'] }, later).advance();
  expect(await queues.recent('rollback', 5)).toHaveLength(1);
  expect(await queues.recent('training-set', 5)).toEqual([]);
});

test('a training set that cannot be made ends the retraining with the reason', async () => {
  const alert = await openAlert('feature_drift', 'bundle-2');
  const loop = loopOf({ retrainOn: ['feature_drift'] }, START_MS + 400 * 24 * HOUR_MS);
  await loop.advance();
  const id = `alert-${alert.id}`;
  await queues.cancel('training-set', id);
  await waitFor(async () => {
    await loop.advance();
    const [action] = await site.ledger.monitoring.actionsOf([alert.id]);
    return action?.failure === 'the training set could not be made: cancelled';
  }, PATIENCE);
  expect(await queues.read('train', id)).toBeNull();
});
