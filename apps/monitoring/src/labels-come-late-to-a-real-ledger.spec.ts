import type { Alert, AssessmentRow } from '@vigia/ledger';
import type { Service } from '@vigia/platform';
import { mlflowServer, waitFor } from '@vigia/testing';
import type { PerformanceLine } from './performance/performance.service.js';
import { RegisteredModel } from './registered.fixture.js';
import { PATIENCE, Site, ask, monitor } from './site.fixture.js';
import { randomOf, referenceOf, rowsOf, scoredPayments } from './traffic.fixture.js';

jest.setTimeout(360_000);

const DAY_MS = 86_400_000;
const DAYS = 12;
const START_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAYS * DAY_MS;
const random = randomOf(13);

let site: Site;
let service: Service;
let model: RegisteredModel;

beforeAll(async () => {
  const mlflowUrl = await mlflowServer();
  model = new RegisteredModel(mlflowUrl);
  const reference = referenceOf(scoredPayments(20_000, random));
  // On the hold-out six of ten flagged payments were frauds, as the calibrated scores have it.
  const metrics = { average_precision: 0.62, precision_at_review: 0.6, recall_at_review: 0.85 };
  await model.registry.setAlias(model.name, 'champion', await model.addVersion(reference, metrics));
  site = await Site.open(mlflowUrl);
  service = await site.start({ MODEL_NAME: model.name, MINIMUM_PAYMENTS: '500', LABEL_HORIZON_DAYS: '5' });
});
afterAll(() => site?.close());

/** Of flagged payments `share` turn out to be frauds, known after one day or, every second one, after four. */
async function label(rows: AssessmentRow[], share: number): Promise<void> {
  for (const row of rows) {
    if (random() >= row.probability! * share) continue;
    const knownAtMs = row.acceptedAtMs + (random() < 0.5 ? 1 : 4) * DAY_MS;
    if (knownAtMs > Date.now()) continue;
    await site.ledger.recordOutcome(
      {
        endToEndId: row.endToEndId,
        source: 'med',
        result: 'agreed',
        situation: 'scam',
        knownAt: new Date(knownAtMs).toISOString(),
      },
      { caller: 'med', recordedAtMs: Date.now() },
    );
  }
}

test('frauds that turn rarer among the flagged are no alarm before their labels are in, and one after', async () => {
  const alarmed: number[] = [];
  for (let day = 0; day < DAYS; day++) {
    const window = { model: model.name, fromMs: START_MS + day * DAY_MS, toMs: START_MS + (day + 1) * DAY_MS };
    const rows = rowsOf(scoredPayments(700, random), { ...window, version: 'bundle-1' });
    await site.record(rows);
    await label(rows, day < 1 ? 1 : 0.2);
    const { windows } = await monitor(service.url, site.keys.admin, window);
    const champion = windows[0]!.subjects!.find(({ role }) => role === 'champion')!;
    if (champion.alarms.some((signal) => signal === 'realised/precision_at_review')) alarmed.push(day);
    // The scores are as they were: without labels nothing can be seen.
    expect(champion.alarms.filter((signal) => signal.startsWith('estimated') || signal === 'score')).toEqual([]);
  }
  // Labels of the first bad day are in after four days, and old enough to tell after five; then two windows.
  expect(alarmed[0]).toBeGreaterThanOrEqual(6);
  expect(alarmed[0]).toBeLessThan(DAYS);
  const { body } = await ask<{ alerts: Alert[] }>(`${service.url}/v1/alerts?state=open`, site.keys.reader);
  expect(body.alerts).toMatchObject([{ kind: 'realised_performance', severity: 'critical', role: 'champion' }]);
});

test('one line of time has the estimate of each window, its labels, and how many of them are in', async () => {
  const { body } = await ask<PerformanceLine>(`${service.url}/v1/models/${model.name}/performance`, site.keys.reader);
  expect(body.delayCurve).toMatchObject({ kind: 'measured' });
  const { shares } = body.delayCurve as { shares: number[] };
  expect([shares[0], shares[4]]).toEqual([0, 1]);
  expect(shares[1]).toBeGreaterThan(0.3);
  expect(shares[3]).toBeLessThan(0.7);
  const windows = body.windows.filter(({ role }) => role === 'champion');
  expect(windows).toHaveLength(DAYS);
  const [newest, oldest] = [windows[0]!, windows.at(-1)!];
  expect(newest).toMatchObject({ mature: false });
  expect(newest.labelsIn).toBeLessThan(0.1);
  expect(oldest).toMatchObject({ mature: true, labelsIn: 1 });
  const valueOf = (value: unknown): number => (value as { value: number }).value;
  // The estimate holds where the labels are as the scores say, and is blind where they are not.
  expect(Math.abs(valueOf(oldest.estimated!.precision) - valueOf(oldest.realised.precision))).toBeLessThan(0.15);
  const bad = windows.at(-2)!;
  expect(valueOf(bad.realised.precision)).toBeLessThan(0.3);
  expect(valueOf(bad.estimated!.precision)).toBeGreaterThan(0.5);
});

test('both show in the metrics', async () => {
  const has = async (basis: string, metric: string) => {
    const line = new RegExp(`vigia_monitoring_performance\\{[^}]*metric="${metric}"[^}]*basis="${basis}"[^}]*\\} 0\\.`);
    return line.test(await (await fetch(`${service.url}/metrics`)).text());
  };
  await waitFor(() => has('estimated', 'average_precision'), PATIENCE);
  await waitFor(() => has('realised', 'precision_at_review'), PATIENCE);
});
