import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assessment as assessmentSchema, type PaymentInput } from '@vigia/contracts';
import { Ledger, migrate } from '@vigia/ledger';
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
import {
  ReferencePage,
  createTestDatabase,
  endpointRows,
  freePort,
  metricRows,
  paymentBuilder,
  settingRows,
  testPrefix,
  valkeyServer,
  type TestDatabase,
} from '@vigia/testing';
import { AppModule } from './app.module.js';
import { GRPC, scoringConfig } from './config.js';

jest.setTimeout(120_000);

const page = new ReferencePage();
const keys = Object.fromEntries(apiScope.options.map((scope) => [scope, mintApiKey()]));
const compare = (table: string, rows: string[][]): void => expect(page.rowsOf(table, rows)).toEqual(rows);
const directory = mkdtempSync(join(tmpdir(), 'vigia-scoring-reference-'));

let database: TestDatabase;
let service: Service;

beforeAll(async () => {
  database = await createTestDatabase(migrate);
  await makePartitions(database.url);
  const grpcPort = await freePort();
  const config = parseConfig(scoringConfig, {
    HOST: '127.0.0.1',
    PORT: '0',
    GRPC_PORT: String(grpcPort),
    DATABASE_URL: database.url,
    DATABASE_TIMEOUT_MS: '10000',
    REDIS_URL: await valkeyServer(),
    REDIS_PREFIX: testPrefix(),
    REDIS_TIMEOUT_MS: '2000',
    SPOOL_DIRECTORY: join(directory, 'spool'),
    POLICY_CACHE_DIRECTORY: join(directory, 'policies'),
    PSEUDONYM_SECRET: 'a secret of the tests, 32 characters or more',
    MAX_LOOP_DELAY_MS: '60000',
    SHUTDOWN_GRACE_MS: '0',
  });
  service = await startService({
    module: AppModule.register(config),
    config,
    name: 'scoring',
    version: 'test',
    apiKeys: new ApiKeys(
      apiScope.options.map((scope) => ({ name: scope, sha256: digestApiKey(keys[scope]!), scopes: [scope] })),
    ),
    grpc: { ...GRPC, port: grpcPort },
    logger: createLogger({ service: 'scoring', version: 'test', level: 'fatal' }),
  });
});
afterAll(async () => {
  await service?.close();
  await database?.drop();
  rmSync(directory, { recursive: true, force: true });
});

describe('docs/reference.md has', () => {
  test('every endpoint, with its scope', async () => {
    compare('scoring-endpoints', await endpointRows(service.url, keys));
  });

  test('every operational path, which needs no key', async () => {
    for (const path of page.keysOf('operations'))
      expect([path, (await fetch(service.url + path)).status]).toEqual([path, 200]);
  });

  test('every setting', () => compare('scoring-settings', settingRows(settingsOf(scoringConfig))));

  test('every metric', () => compare('scoring-metrics', metricRows(service.app.get(Metrics).describe())));

  test('an example of assess that works', async () => {
    const answer = await page.runExample('assess', { SCORING_URL: service.url, API_KEY: keys['assess']! });
    expect(assessmentSchema.parse(JSON.parse(answer))).toMatchObject({ side: 'payer', warnings: [] });
  });

  test('every warning', async () => {
    const party = (n: string) => ({ taxId: n.repeat(11) });
    const order: PaymentInput = paymentBuilder({
      acceptedAt: new Date().toISOString(),
      payer: party('1'),
      payee: party('2'),
    });
    const headers = { 'x-api-key': keys['assess']!, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(order) };
    const response = await fetch(`${service.url}/v1/assessments`, request);
    expect(await response.json()).toMatchObject({ warnings: page.keysOf('warnings') });
  });
});

/** A lone payment of a day whose partition is just being attached is refused by the ledger: have it made before. */
async function makePartitions(url: string): Promise<void> {
  const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  const ledger = Ledger.connect({ url, questionTimeoutMs: 10_000 });
  await ledger.ensurePartitions(day(0), day(1));
  await ledger.close();
}
