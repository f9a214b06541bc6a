import { waitFor } from '@vigia/testing';
import { PATIENCE, Site, ask } from '../site.fixture.js';

jest.setTimeout(120_000);

const TO_MS = Math.floor(Date.now() / 3_600_000) * 3_600_000;

let site: Site;

beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site?.close());

interface Shown {
  alerts: { id: string; actions: { kind: string; request: object; followedAtMs: number | null; failure: null }[] }[];
}

test('an alert that wants Airflow to train waits in the record until Airflow answers, and asks no queue', async () => {
  await site.ledger.monitoring.recordWindow(
    {
      model: 'pix-fraud',
      bundleVersion: 'b-1',
      role: 'champion',
      fromMs: TO_MS - 3_600_000,
      toMs: TO_MS,
      payments: 0,
      counts: {},
      verdicts: [],
    },
    () => [
      {
        step: 'open',
        kind: 'score_drift',
        change: {
          severity: 'warning',
          signals: [{ signal: 'score', value: 0.4, reason: null }],
          windows: 1,
          seenAtMs: TO_MS,
        },
      },
    ],
    () => [],
  );
  const service = await site.start({
    RETRAIN_BY: 'airflow',
    RETRAIN_ON: 'score_drift',
    // Nobody listens there.
    AIRFLOW_URL: 'http://127.0.0.1:9',
    AIRFLOW_TIMEOUT_MS: '500',
  });
  const shown = async () => (await ask<Shown>(`${service.url}/v1/alerts`, site.keys.reader)).body.alerts[0]!;
  await waitFor(async () => (await shown()).actions.length === 1, PATIENCE);
  const { id, actions } = await shown();
  expect(actions).toMatchObject([{ kind: 'retrain', followedAtMs: null, failure: null }]);
  expect(actions[0]!.request).toEqual({
    alert: id,
    kind: 'score_drift',
    bundleVersion: 'b-1',
    signals: ['score'],
    askedAt: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
  });
  expect(await (await site.queues()).recent('training-set', 10)).toEqual([]);
});
