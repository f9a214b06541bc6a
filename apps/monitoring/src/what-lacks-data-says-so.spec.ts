import type { Alert } from '@vigia/ledger';
import type { Service } from '@vigia/platform';
import { mlflowServer, waitFor } from '@vigia/testing';
import type { Drift } from './drift/drift.service.js';
import type { PerformanceLine } from './performance/performance.service.js';
import { RegisteredModel } from './registered.fixture.js';
import { PATIENCE, Site, ask, monitor } from './site.fixture.js';
import { randomOf, referenceOf, rowsOf, scoredPayments, type ScoredPayment } from './traffic.fixture.js';

jest.setTimeout(360_000);

const HOUR_MS = 3_600_000;
const START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 48 * HOUR_MS;
const random = randomOf(11);

let site: Site;
let service: Service;
let model: RegisteredModel;
let hours = 0;

beforeAll(async () => {
  const mlflowUrl = await mlflowServer();
  model = new RegisteredModel(mlflowUrl);
  const version = await model.addVersion(referenceOf(scoredPayments(20_000, random)));
  await model.registry.setAlias(model.name, 'champion', version);
  site = await Site.open(mlflowUrl);
  service = await site.start({ MODEL_NAME: model.name, MINIMUM_PAYMENTS: '500' });
});
afterAll(() => site?.close());

const nextHour = () => {
  const fromMs = START_MS + hours++ * HOUR_MS;
  return { model: model.name, fromMs, toMs: fromMs + HOUR_MS };
};

/** Brings payments to the ledger, monitors their hour and answers the signals of a version by name. */
async function signalsOf(payments: ScoredPayment[], version = 'bundle-1') {
  const window = nextHour();
  await site.record(rowsOf(payments, { ...window, version }));
  await monitor(service.url, site.keys.admin, window);
  const { body } = await ask<Drift>(`${service.url}/v1/models/${model.name}/drift`, site.keys.reader);
  const subject = body.subjects.find(({ bundleVersion }) => bundleVersion === version)!;
  return Object.fromEntries(subject.signals.map((signal) => [signal.signal, signal]));
}

const openAlerts = async (): Promise<Alert[]> =>
  (await ask<{ alerts: Alert[] }>(`${service.url}/v1/alerts?state=open`, site.keys.reader)).body.alerts;

test('before the first window there is nothing to say, and it is said', async () => {
  expect(await ask(`${service.url}/v1/models/${model.name}/drift`, site.keys.reader)).toMatchObject({
    status: 404,
    body: { errors: [{ field: 'name' }] },
  });
  expect((await ask(`${service.url}/v1/models/${model.name}/performance`, site.keys.reader)).body).toMatchObject({
    windows: [],
    delayCurve: { kind: 'not_enough_data' },
  });
});

test('two hours without a payment are an alert of the service and of the champion', async () => {
  const signals = await signalsOf([]);
  expect(signals['data']).toMatchObject({ state: 'suspect', reason: 'the window has 0 payments of the 500 needed' });
  expect(signals['feature/amount']).toMatchObject({ state: 'not_enough_data', value: null });
  expect(await openAlerts()).toEqual([]);
  await signalsOf([]);
  expect((await openAlerts()).map(({ kind, role }) => [kind, role]).sort()).toEqual([
    ['not_enough_data', 'champion'],
    ['not_enough_data', 'service'],
  ]);
});

test('a feature that is all missing is told by its missing values, and the silence ends', async () => {
  const broken = () => scoredPayments(1_000, random, { withoutHour: 1 });
  await signalsOf(broken());
  const signals = await signalsOf(broken());
  expect(signals['feature/hour']).toMatchObject({
    state: 'not_enough_data',
    reason: 'the window has 0 rows that are not missing of the 500 needed',
  });
  expect(signals['missing/hour']).toMatchObject({ state: 'alarm', value: 1, numbers: { training: 0, window: 1 } });
  expect((await openAlerts()).map(({ kind, role }) => [kind, role])).toEqual([['missing_values', 'champion']]);
});

test('a feature that became constant is an alarm, one class is none', async () => {
  const constant = () =>
    scoredPayments(1_000, random, { suspicious: 0 }).map(({ probability, vector }) => {
      vector[1] = 12;
      return { vector, probability };
    });
  await signalsOf(constant());
  const signals = await signalsOf(constant());
  expect(signals['feature/hour']).toMatchObject({ state: 'alarm' });
  // Nothing is flagged, nearly no fraud is to be expected.
  expect(signals['estimated/average_precision']).toMatchObject({
    state: 'not_enough_data',
    reason: expect.stringMatching(/^\d+ frauds are expected, 30 needed$/) as unknown,
  });
});

test('vectors of another feature set are counted in no feature', async () => {
  const window = nextHour();
  const rows = rowsOf(scoredPayments(600, random), { ...window, version: 'bundle-1' });
  for (const row of rows) row.featureSet = { name: 'pix', hash: 'b'.repeat(64) };
  await site.record(rows);
  await monitor(service.url, site.keys.admin, window);
  const [champion] = await site.ledger.monitoring.windows({
    model: model.name,
    bundleVersion: 'bundle-1',
    untilMs: window.toMs,
    limit: 1,
  });
  expect(champion!.counts).toMatchObject({ withoutFeatures: 600 });
  expect(champion!.verdicts.find(({ signal }) => signal === 'feature/amount')).toMatchObject({
    state: 'not_enough_data',
  });
});

test('a version without a reference, and one that the registry does not know, are told at once', async () => {
  const version = await model.addVersion(null);
  await model.registry.setAlias(model.name, 'challenger', version);
  const window = nextHour();
  const payments = scoredPayments(600, random);
  const rows = rowsOf(payments, { ...window, version: 'bundle-9' });
  await site.record(rows);
  await site.ledger.recordShadowScores(
    rows.map(({ endToEndId, probability }) => ({
      endToEndId,
      model: model.name,
      bundleVersion: 'bundle-2',
      probability: probability!,
      margin: 0,
      scoredAtMs: window.fromMs,
    })),
  );
  const { windows } = await monitor(service.url, site.keys.admin, window);
  expect(windows[0]!.subjects!.map(({ bundleVersion, role, payments: count }) => [bundleVersion, role, count])).toEqual(
    [
      ['bundle-1', 'champion', 0],
      ['bundle-2', 'challenger', 600],
      ['bundle-9', 'other', 600],
      ['', 'service', 600],
    ],
  );
  const lacking = (await openAlerts()).filter(({ kind }) => kind === 'no_reference');
  expect(lacking.map(({ bundleVersion, signals }) => [bundleVersion, signals[0]!.reason]).sort()).toEqual([
    ['bundle-2', 'the bundle lists no reference.json: package it again'],
    ['bundle-9', 'the registry does not know this version'],
  ]);
  const { body } = await ask<PerformanceLine>(`${service.url}/v1/models/${model.name}/performance`, site.keys.reader);
  const shadow = body.windows.find(({ bundleVersion }) => bundleVersion === 'bundle-2')!;
  expect(shadow).toMatchObject({
    estimated: null,
    realised: { frauds: 0, flagged: null },
    labelsIn: null,
    mature: false,
  });
});

test('alerts of a version that is nobody’s any more are resolved', async () => {
  await signalsOf(scoredPayments(600, random));
  expect((await openAlerts()).filter(({ bundleVersion }) => bundleVersion === 'bundle-9')).toEqual([]);
});

test('labels of payments that no model scored disturb nothing', async () => {
  const window = nextHour();
  const rows = rowsOf(scoredPayments(600, random), { ...window, version: 'bundle-1' });
  for (const row of rows) Object.assign(row, { model: null, probability: null, margin: null, degraded: ['model'] });
  await site.record(rows);
  await site.ledger.recordOutcome(
    {
      endToEndId: rows[0]!.endToEndId,
      source: 'med',
      result: 'agreed',
      situation: 'scam',
      knownAt: new Date(window.toMs).toISOString(),
    },
    { caller: 'med', recordedAtMs: Date.now() },
  );
  await monitor(service.url, site.keys.admin, window);
  // One window of it is enough.
  expect((await openAlerts()).filter(({ kind }) => kind === 'degraded')).toMatchObject([
    { role: 'service', signals: [{ value: 1 }] },
  ]);
});

test('a silence needs an end that makes sense and an alert that is open', async () => {
  const [alert] = await openAlerts();
  const silence = (id: string, until: string) =>
    ask(`${service.url}/v1/alerts/${id}/silence`, site.keys.admin, {
      until,
      by: 'Ana Prado',
      reason: 'known, ticket 12',
    });
  const soon = new Date(Date.now() + HOUR_MS).toISOString();
  expect(await silence(alert!.id, soon)).toMatchObject({ status: 200, body: { silence: { by: 'Ana Prado' } } });
  const silenced = async () => /alerts_open\{[^}]*\} 0\.5/.test(await (await fetch(`${service.url}/metrics`)).text());
  await waitFor(silenced, PATIENCE);
  const past = new Date(Date.now() - HOUR_MS).toISOString();
  expect(await silence(alert!.id, past)).toMatchObject({ status: 400, body: { errors: [{ field: 'until' }] } });
  expect(await silence('999999', soon)).toMatchObject({ status: 404, body: { errors: [{ field: 'id' }] } });
  expect(await silence('x', soon)).toMatchObject({ status: 404 });
});

test.each([
  ['an empty window', HOUR_MS, 0],
  ['a window of the future', 0, 24 * HOUR_MS],
])('%s is refused at once', async (_, from, to) => {
  const body = {
    model: model.name,
    from: new Date(Date.now() + from).toISOString(),
    to: new Date(Date.now() + to).toISOString(),
  };
  const answer = await ask(`${service.url}/v1/monitoring-runs`, site.keys.admin, body);
  expect(answer).toMatchObject({ status: 400 });
  expect(JSON.stringify(answer.body['errors'])).toContain('"field":"to"');
});
