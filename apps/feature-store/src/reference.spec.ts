import { ApiKeys, Metrics, apiScope, digestApiKey, mintApiKey, settingsOf, type Service } from '@vigia/platform';
import { ReferencePage, endpointRows, metricRows, settingRows } from '@vigia/testing';
import { featureStoreConfig } from './config.js';
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
    compare('feature-store-endpoints', await endpointRows(service.url, keys));
  });

  test('every operational path, which needs no key', async () => {
    for (const path of page.keysOf('operations'))
      expect([path, (await fetch(service.url + path)).status]).toEqual([path, 200]);
  });

  test('every setting', () => compare('feature-store-settings', settingRows(settingsOf(featureStoreConfig))));

  test('every metric', () => compare('feature-store-metrics', metricRows(service.app.get(Metrics).describe())));

  test('an example of a vector that can be read', async () => {
    const answer = await page.runExample('vector', { FEATURE_STORE_URL: service.url, API_KEY: keys['read']! });
    expect(JSON.parse(answer)).toMatchObject({ featureSet: { name: 'pix' }, features: { amount: 950 } });
  });
});
