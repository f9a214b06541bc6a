import { waitFor } from '@vigia/testing';
import { leftOut } from './run/monitor-handler.js';
import { monitorPayload } from './run/monitor-payload.js';
import { PATIENCE, Site, ask } from './site.fixture.js';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 10, 20, 12);

test.each([
  ['five minutes after its end', NOON_MS + 300_000, '12:00'],
  ['before that the one before', NOON_MS + 299_999, '11:00'],
  ['within the hour the last whole one', NOON_MS + 3_500_000, '12:00'],
])('the window of a schedule is settled: %s', (_, atMs, end) => {
  const { from, to } = monitorPayload('pix-fraud', HOUR_MS, atMs);
  expect(to).toBe(`2026-11-20T${end}:00.000Z`);
  expect(Date.parse(to) - Date.parse(from)).toBe(HOUR_MS);
});

test.each<[string, number | null, number[]]>([
  ['the first window goes back to nothing', null, [0]],
  ['the next follows', NOON_MS, [0]],
  ['two that were left out come before', NOON_MS - 2 * HOUR_MS, [-2, -1, 0]],
  ['of many the last 14 do', NOON_MS - 500 * HOUR_MS, Array.from({ length: 15 }, (_, index) => index - 14)],
  ['one that is on record is run alone', NOON_MS + HOUR_MS, [0]],
  ['an older one is run alone', NOON_MS + 9 * HOUR_MS, [0]],
])('%s', (_, untilMs, offsets) => {
  const asked = { model: 'pix-fraud', fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS };
  expect(leftOut(asked, untilMs).map(({ fromMs }) => (fromMs - NOON_MS) / HOUR_MS)).toEqual(offsets);
});

describe('a service', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open();
  });
  afterAll(() => site?.close());

  test('runs on its schedule; with MLflow away the run is tried again and nothing is called good', async () => {
    const service = await site.start({ MONITOR_EVERY_MINUTES: '60' });
    const retried = async () =>
      /jobs_total\{[^}]*queue="monitor"[^}]*result="retried"/.test(
        await (await fetch(`${service.url}/metrics`)).text(),
      );
    await waitFor(retried, PATIENCE);
    expect(await site.ledger.monitoring.monitoredUntil('pix-fraud')).toBeNull();
    expect(await ask(`${service.url}/v1/models/pix-fraud/drift`, site.keys.reader)).toMatchObject({ status: 404 });
    await service.close();
  });
});
