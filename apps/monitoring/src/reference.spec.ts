import { ApiKeys, Metrics, apiScope, digestApiKey, mintApiKey, settingsOf, type Service } from '@vigia/platform';
import { ReferencePage, endpointRows, metricRows, settingRows } from '@vigia/testing';
import { monitoringConfig } from './config.js';
import { SIGNAL_KINDS } from './drift/signal-kinds.js';
import { Site } from './site.fixture.js';

jest.setTimeout(120_000);

const page = new ReferencePage();
const keys = Object.fromEntries(apiScope.options.map((scope) => [scope, mintApiKey()]));
const compare = (table: string, rows: string[][]): void => expect(page.rowsOf(table, rows)).toEqual(rows);

let site: Site;
let service: Service;

beforeAll(async () => {
  site = await Site.open();
  const entries = apiScope.options.map((scope) => ({
    name: scope,
    sha256: digestApiKey(keys[scope]!),
    scopes: [scope],
  }));
  service = await site.start({}, new ApiKeys(entries));
});
afterAll(() => site?.close());

describe('docs/reference.md has', () => {
  test('every endpoint, with its scope', async () => {
    compare('monitoring-endpoints', await endpointRows(service.url, keys));
  });

  test('every operational path, which needs no key', async () => {
    for (const path of page.keysOf('operations'))
      expect([path, (await fetch(service.url + path)).status]).toEqual([path, 200]);
  });

  test('every setting', () => compare('monitoring-settings', settingRows(settingsOf(monitoringConfig))));

  test('every metric', () => compare('monitoring-metrics', metricRows(service.app.get(Metrics).describe())));

  test('every kind of alert, with its thresholds', () => {
    const rows = Object.entries(SIGNAL_KINDS).map(([kind, { value, enter, leave, windows, severity }]) => [
      `\`${kind}\``,
      value,
      String(Number(enter.toPrecision(3))),
      String(Number(leave.toPrecision(3))),
      String(windows),
      severity,
    ]);
    compare('alert-kinds', rows);
  });
});
