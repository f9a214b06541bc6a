import type { Alert } from '@vigia/ledger';
import { JobMetrics, JobWorker, Metrics, createLogger, type JobQueues, type Service } from '@vigia/platform';
import { mlflowServer, waitFor } from '@vigia/testing';
import type { Drift } from './drift/drift.service.js';
import { RegisteredModel } from './registered.fixture.js';
import { PATIENCE, Site, ask, monitor } from './site.fixture.js';
import { randomOf, referenceOf, rowsOf, scoredPayments, type Shift } from './traffic.fixture.js';

jest.setTimeout(360_000);

const HOUR_MS = 3_600_000;
const START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 48 * HOUR_MS;
const random = randomOf(7);

let site: Site;
let service: Service;
let model: RegisteredModel;
let queues: JobQueues;
let windows = 0;

beforeAll(async () => {
  const mlflowUrl = await mlflowServer();
  model = new RegisteredModel(mlflowUrl);
  const version = await model.addVersion(referenceOf(scoredPayments(20_000, random)));
  await model.registry.setAlias(model.name, 'champion', version);
  site = await Site.open(mlflowUrl);
  queues = await site.queues();
  service = await site.start({ MODEL_NAME: model.name, RETRAIN_ON: 'feature_drift', MINIMUM_PAYMENTS: '800' });
});
afterAll(() => site?.close());

/** Brings an hour of payments to the ledger and monitors it. */
async function hour(count: number, shift: Shift = {}) {
  const fromMs = START_MS + windows++ * HOUR_MS;
  const window = { model: model.name, fromMs, toMs: fromMs + HOUR_MS };
  await site.record(rowsOf(scoredPayments(count, random, shift), { ...window, version: 'bundle-1' }));
  const { windows: ran } = await monitor(service.url, site.keys.admin, window);
  return ran.at(-1)!.subjects!.find(({ bundleVersion }) => bundleVersion === 'bundle-1')!;
}

/** Of the champion, newest first. */
const alerts = async (): Promise<Alert[]> => {
  const { body } = await ask<{ alerts: Alert[] }>(`${service.url}/v1/alerts`, site.keys.reader);
  return body.alerts.filter(({ role }) => role === 'champion');
};

const stateOf = async (signal: string): Promise<string> => {
  const { body } = await ask<Drift>(`${service.url}/v1/models/${model.name}/drift`, site.keys.reader);
  const champion = body.subjects.find(({ bundleVersion }) => bundleVersion === 'bundle-1')!;
  return champion.signals.find((each) => each.signal === signal)!.state;
};

test('quiet traffic raises nothing and asks for nothing', async () => {
  for (let i = 0; i < 4; i++)
    expect(await hour(1_000)).toMatchObject({ role: 'champion', payments: 1_000, alarms: [] });
  expect(await stateOf('feature/amount')).toBe('ok');
  expect(await stateOf('estimated/average_precision')).toBe('ok');
  expect(await alerts()).toEqual([]);
  expect(await queues.recent('training-set', 10)).toEqual([]);
});

test('one shifted window is suspect, no alert', async () => {
  await hour(1_000, { amount: 3 });
  expect(await stateOf('feature/amount')).toBe('suspect');
  expect(await alerts()).toEqual([]);
});

test('a window with too few payments is no green, and changes nothing', async () => {
  expect((await hour(200)).notEnoughData).toBeGreaterThan(5);
  expect(await stateOf('feature/amount')).toBe('not_enough_data');
  expect(await alerts()).toEqual([]);
});

test('the second shifted window is an alert, which asks for a training set and then for a training, with its cause', async () => {
  await hour(1_000, { amount: 3 });
  const [alert] = await alerts();
  expect(alert).toMatchObject({ kind: 'feature_drift', severity: 'warning', signals: [{ signal: 'feature/amount' }] });
  const id = `alert-${alert!.id}`;
  await waitFor(async () => (await queues.read('training-set', id)) !== null, PATIENCE);
  expect(await queues.read('train', id)).toBeNull();
  // The feature store's end of the queue.
  const worker = JobWorker.start({
    queues,
    handlers: { 'training-set': async () => ({ name: 'pix-fresh' }) },
    metrics: new JobMetrics(new Metrics('feature-store', 'test')),
    logger: createLogger({ service: 'feature-store', version: 'test', level: 'fatal' }),
  });
  site.onClose(() => worker.close());
  await waitFor(async () => (await queues.read('train', id)) !== null, PATIENCE);
  expect(await queues.read('train', id)).toMatchObject({
    state: 'waiting',
    payload: {
      model: model.name,
      trainingSet: 'pix-fresh',
      cause: { alert: alert!.id, kind: 'feature_drift', bundleVersion: 'bundle-1', signals: ['feature/amount'] },
    },
  });
});

test('it lasts: it becomes critical, is one alert all the time, and asks for nothing more', async () => {
  for (let i = 0; i < 3; i++) await hour(1_000, { amount: 3 });
  expect(await alerts()).toMatchObject([{ kind: 'feature_drift', severity: 'critical', windows: 4, resolvedAt: null }]);
  expect(await queues.recent('training-set', 10)).toHaveLength(1);
});

test('two windows as before resolve it', async () => {
  await hour(1_000);
  expect(await stateOf('feature/amount')).toBe('recovering');
  await hour(1_000);
  expect(await stateOf('feature/amount')).toBe('ok');
  expect((await alerts())[0]!.resolvedAt).not.toBeNull();
});

test('a second alert within the cool-down asks for no second training', async () => {
  await hour(1_000, { amount: 3 });
  await hour(1_000, { amount: 3 });
  expect((await alerts())[0]).toMatchObject({ kind: 'feature_drift', resolvedAt: null });
  expect(await queues.recent('training-set', 10)).toHaveLength(1);
});

test('a window that is monitored again answers that it is on record', async () => {
  const before = await alerts();
  const fromMs = START_MS + (windows - 1) * HOUR_MS;
  const [from, to] = [fromMs, fromMs + HOUR_MS].map((ms) => new Date(ms).toISOString()) as [string, string];
  const id = await queues.addJob('monitor', { model: model.name, from, to }, 'again');
  await waitFor(async () => (await queues.read('monitor', id))?.state === 'completed', PATIENCE);
  expect((await queues.read('monitor', id))!.result).toMatchObject({ windows: [{ subjects: null }] });
  expect(await alerts()).toEqual(before);
});

test('metrics show the alert and the signals', async () => {
  const has = async (line: RegExp) => line.test(await (await fetch(`${service.url}/metrics`)).text());
  await waitFor(() => has(/vigia_monitoring_alerts_open\{[^}]*kind="feature_drift"[^}]*\} 1/), PATIENCE);
  await waitFor(
    () => has(/vigia_monitoring_signal_state\{[^}]*role="champion"[^}]*signal="feature\/amount"[^}]*\} 3/),
    PATIENCE,
  );
});
