import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
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
import { createTestDatabase, paymentBuilder, testPrefix, valkeyServer, type TestDatabase } from '@vigia/testing';
import { AppModule } from './app.module.js';
import { GRPC, scoringConfig } from './config.js';

jest.setTimeout(120_000);

const ROOT = resolve(__dirname, '../../..');
const PAGE = join(ROOT, 'docs/reference.md');
const keys = Object.fromEntries(apiScope.options.map((scope) => [scope, mintApiKey()]));
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
    expectTable('scoring-endpoints', await endpoints());
  });

  test('every operational path, which needs no key', async () => {
    for (const path of keysOf('operations'))
      expect([path, (await fetch(service.url + path)).status]).toEqual([path, 200]);
  });

  test('every setting', () => {
    const rows = settingsOf(scoringConfig).map((line) => [
      `\`${line.name}\``,
      defaultOf(line.default),
      line.description + (line.secret ? ' Secret.' : ''),
    ]);
    expectTable('scoring-settings', rows);
  });

  test('every metric', () => expectTable('scoring-metrics', metricRows(service.app.get(Metrics))));

  test('an example of assess that works', async () => {
    const answer = await runExample('assess', { SCORING_URL: service.url, API_KEY: keys['assess']! });
    expect(assessmentSchema.parse(JSON.parse(answer))).toMatchObject({ side: 'payer', warnings: [] });
  });

  test('every warning', async () => {
    const party = (n: string) => ({ taxId: n.repeat(11) });
    const order: PaymentInput = paymentBuilder({
      acceptedAt: new Date().toISOString(),
      payer: party('1'),
      payee: party('2'),
    });
    const response = await call('POST', '/v1/assessments', 'assess', order);
    expect(await response.json()).toMatchObject({ warnings: keysOf('warnings') });
  });
});

function defaultOf(value: string | undefined): string {
  if (value === undefined) return '**required**';
  return value === 'empty' || value === 'unset' ? value : `\`${value}\``;
}

/** Compares the rows with the table of this name in the page; with UPDATE_DOCS=1 writes them there first. */
function expectTable(name: string, rows: string[][]): void {
  const table = new RegExp(`(<!-- generated:${name} -->\n(?:\\|.*\n){2})([^]*?)(<!-- end -->)`);
  const text = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('');
  if (process.env['UPDATE_DOCS'] === '1') {
    const page = readFileSync(PAGE, 'utf8');
    writeFileSync(
      PAGE,
      page.replace(table, (_, head: string, _old: string, end: string) => head + text + end),
    );
  }
  expect(table.exec(readFileSync(PAGE, 'utf8'))?.[2]).toBe(text);
}

/** First column of a table whose other columns are prose. */
function keysOf(name: string): string[] {
  const table = new RegExp(`<!-- keyed:${name} -->\n(?:\\|.*\n){2}([^]*?)<!-- end -->`);
  return [...table.exec(readFileSync(PAGE, 'utf8'))![1]!.matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key!);
}

/** Of the running app's own description. A scope is what lets a key in that has it alone. */
async function endpoints(): Promise<string[][]> {
  const response = await fetch(`${service.url}/docs-json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, { summary: string }>> };
  const rows: string[][] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [lowerCase, { summary }] of Object.entries(methods)) {
      const method = lowerCase.toUpperCase();
      const scopes: string[] = [];
      for (const scope of apiScope.options) {
        if ((await call(method, path, scope, {})).status !== 403) scopes.push(scope);
      }
      rows.push([`\`${method}\``, `\`${path}\``, scopes.map((scope) => `\`${scope}\``).join(', '), summary]);
    }
  }
  return rows;
}

function call(method: string, path: string, scope: string, body: object): Promise<Response> {
  const headers = { 'x-api-key': keys[scope]!, 'content-type': 'application/json' };
  return fetch(service.url + path, { method, headers, ...(method === 'POST' ? { body: JSON.stringify(body) } : {}) });
}

/** Without what the process itself shows. */
function metricRows({ registry }: Metrics): string[][] {
  const bare = new Metrics('none', 'none');
  const kept = new Set(bare.registry.getMetricsAsArray().map(({ name }) => name));
  bare.collectProcess();
  const ofProcess = bare.registry.getMetricsAsArray().flatMap(({ name }) => (kept.has(name) ? [] : [name]));
  bare.registry.clear();
  return registry.getMetricsAsArray().flatMap((metric) => {
    if (ofProcess.includes(metric.name)) return [];
    // Not in the types: the labels that a sample may have.
    const { labelNames } = metric as unknown as { labelNames: string[] };
    const labels = labelNames.map((label) => `\`${label}\``).join(', ');
    return [[`\`${metric.name}\``, String(metric.type), labels, metric.help]];
  });
}

/** Runs an example of the page as a reader would, and gives what it prints. */
async function runExample(name: string, environment: Record<string, string>): Promise<string> {
  const script = new RegExp(`\`\`\`sh example:${name}\n([^]*?)\`\`\``).exec(readFileSync(PAGE, 'utf8'))![1]!;
  const options = { cwd: ROOT, env: { ...process.env, ...environment } };
  return (await promisify(execFile)('sh', ['-euc', script], options)).stdout;
}

/** A lone payment of a day whose partition is just being attached is refused by the ledger: have it made before. */
async function makePartitions(url: string): Promise<void> {
  const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  const ledger = Ledger.connect({ url, questionTimeoutMs: 10_000 });
  await ledger.ensurePartitions(day(0), day(1));
  await ledger.close();
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle));
  const { port } = probe.address() as AddressInfo;
  await new Promise((settle) => probe.close(settle));
  return port;
}
