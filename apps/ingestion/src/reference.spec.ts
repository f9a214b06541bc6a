import { Ledger } from '@vigia/ledger';
import {
  ApiKeys,
  Metrics,
  apiScope,
  createLogger,
  digestApiKey,
  mintApiKey,
  parseConfig,
  settingsOf,
  startService,
  type Service,
} from '@vigia/platform';
import { readMessage } from '@vigia/spi';
import { ReferencePage, endpointRows, metricRows, settingRows } from '@vigia/testing';
import { AppModule } from './app.module.js';
import { RAW_BODIES, ingestionConfig } from './config.js';
import { Stack } from './stack.fixture.js';

jest.setTimeout(120_000);

const page = new ReferencePage();
const keys = Object.fromEntries(apiScope.options.map((scope) => [scope, mintApiKey()]));
const compare = (table: string, rows: string[][]): void => expect(page.rowsOf(table, rows)).toEqual(rows);

let stack: Stack;
let service: Service;

beforeAll(async () => {
  stack = await Stack.start();
  await makePartitions(stack.database.url);
  const config = parseConfig(ingestionConfig, {
    HOST: '127.0.0.1',
    PORT: '0',
    SCORING_API_KEY: stack.key,
    DATABASE_URL: stack.database.url,
    DATABASE_TIMEOUT_MS: '10000',
    REDIS_URL: stack.redisUrl,
    REDIS_PREFIX: stack.prefix,
    MAX_LOOP_DELAY_MS: '60000',
    SHUTDOWN_GRACE_MS: '0',
  });
  service = await startService({
    module: AppModule.register(config),
    config,
    name: 'ingestion',
    version: 'test',
    apiKeys: new ApiKeys(
      apiScope.options.map((scope) => ({ name: scope, sha256: digestApiKey(keys[scope]!), scopes: [scope] })),
    ),
    rawBodies: RAW_BODIES,
    logger: createLogger({ service: 'ingestion', version: 'test', level: 'fatal' }),
  });
});
afterAll(async () => {
  await service?.close();
  await stack?.stop();
});

describe('docs/reference.md has', () => {
  test('every endpoint, with its scope', async () => {
    compare('ingestion-endpoints', await endpointRows(service.url, keys));
  });

  test('every operational path, which needs no key', async () => {
    for (const path of page.keysOf('operations'))
      expect([path, (await fetch(service.url + path)).status]).toEqual([path, 200]);
  });

  test('every setting', () => compare('ingestion-settings', settingRows(settingsOf(ingestionConfig))));

  test('every metric', () => compare('ingestion-metrics', metricRows(service.app.get(Metrics).describe())));

  test('an example of an SPI message that works', async () => {
    const running = await stack.ingestion();
    const answer = await page.runExample('spi', { INGESTION_URL: running.url, API_KEY: stack.key });
    expect(readMessage(answer)).toMatchObject({ type: 'pacs.002', reports: [{ status: 'ACSP' }] });
  });
});

/** A lone payment of a day whose partition is just being attached is refused by the ledger: have it made before. */
async function makePartitions(url: string): Promise<void> {
  const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  const ledger = Ledger.connect({ url, questionTimeoutMs: 10_000 });
  await ledger.ensurePartitions(day(0), day(1));
  await ledger.close();
}
