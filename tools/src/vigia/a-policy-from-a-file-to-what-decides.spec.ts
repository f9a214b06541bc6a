import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PIX, compileFeatureSet } from '@vigia/features';
import { Ledger, migrate } from '@vigia/ledger';
import { digestApiKey, mintApiKey } from '@vigia/platform';
import { PolicyEngine } from '@vigia/policy';
import {
  createTestDatabase,
  freePort,
  pseudonymousPaymentBuilder,
  testPrefix,
  valkeyServer,
  type TestDatabase,
} from '@vigia/testing';
import { WORKSPACE, startApp, type RunningApp } from '../stack.js';

jest.setTimeout(300_000);

const GRAPH = join(WORKSPACE, 'libs/policy/policies/pix.json');
const key = mintApiKey();
const set = compileFeatureSet(PIX);
let directory: string;
let database: TestDatabase;
let monitoring: RunningApp;
let url: string;
let file: PolicyEngine;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vigia-policy-commands-'));
  database = await createTestDatabase(migrate);
  file = await PolicyEngine.load();
  await decideYesterday();
  const apiKeysFile = join(directory, 'api-keys.json');
  writeFileSync(apiKeysFile, JSON.stringify([{ name: 'ana', sha256: digestApiKey(key), scopes: ['read', 'admin'] }]));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const settings = {
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: database.url,
    REDIS_URL: await valkeyServer(),
    REDIS_TIMEOUT_MS: '10000',
    QUEUE_PREFIX: `${testPrefix()}jobs`,
    MLFLOW_URL: 'http://127.0.0.1:9',
    BUNDLE_DIRECTORY: join(directory, 'bundles'),
    MONITOR_EVERY_MINUTES: '0',
    API_KEYS_FILE: apiKeysFile,
    SHUTDOWN_GRACE_MS: '0',
    MAX_LOOP_DELAY_MS: '60000',
  };
  monitoring = await startApp('monitoring', directory, settings, `${url}/health/ready`);
});
afterAll(async () => {
  await monitoring?.stop();
  await database?.drop();
  rmSync(directory, { recursive: true, force: true });
});

/** Three payments that the file approved without a score. */
async function decideYesterday(): Promise<void> {
  const ledger = Ledger.connect({ url: database.url });
  const { graph, settings } = file.document;
  const why = { by: 'scoring', reason: 'decides by a file', caller: '' };
  await ledger.policies.keep({ policy: 'pix', version: file.version, graph, settings, origin: 'file', ...why });
  const writer = await ledger.openWriter({ spoolDirectory: join(directory, 'spool') });
  for (const amountCents of [50_00, 150_00, 900_00]) {
    const payment = pseudonymousPaymentBuilder({ acceptedAtMs: Date.parse('2026-11-20T15:00:00.000Z'), amountCents });
    await writer.record({
      endToEndId: payment.endToEndId,
      side: payment.side,
      acceptedAtMs: payment.acceptedAtMs,
      decidedAtMs: payment.acceptedAtMs,
      arrivedUs: payment.acceptedAtMs * 1_000,
      caller: 'core',
      contentSha256: Buffer.alloc(32),
      payment,
      vector: new Float32Array(set.features.length).fill(NaN),
      effective: {},
      probability: null,
      margin: null,
      decision: 'approve',
      action: { kind: 'send' },
      reasons: [],
      rules: [],
      warnings: [],
      degraded: ['model'],
      model: null,
      policy: { name: 'pix', version: file.version },
      featureSet: { name: set.name, hash: set.hash },
      timingsUs: {},
    });
  }
  await writer.close();
  await ledger.close();
}

function vigia(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, VIGIA_MONITORING_URL: url, VIGIA_API_KEY: key };
  return new Promise((settle) => {
    const line = [join(WORKSPACE, 'tools/dist/vigia.js'), 'policy', ...args];
    execFile(process.execPath, line, { env }, (error, out, err) =>
      settle({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

const inFile = (name: string, content: unknown): string => {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const person = ['--by', 'Ana Prado', '--reason', 'smaller amounts need eyes'];
const range = ['--from', '2026-11-20', '--to', '2026-11-21'];

test('checked, drafted, back-tested, published and taken back', async () => {
  const settings = inFile('settings.json', { requestOnlyReviewCents: 100_00 });
  const checked = await vigia('check', GRAPH, '--settings', settings);
  const version = /^Version ([0-9a-f]{12}) of pix can be used: \d+ rules\.\n$/.exec(checked.out)?.[1];
  expect([checked.code, version]).toEqual([0, expect.any(String)]);
  expect((await vigia('draft', GRAPH, '--settings', settings, ...person)).out).toContain(
    `${version} of pix is drafted`,
  );
  expect(await vigia('publish', version!, ...person)).toMatchObject({
    code: 2,
    err: expect.stringContaining('back-tested') as string,
  });

  const tested = await vigia('back-test', version!, ...range, '--set', 'reviewCostCents=1000');
  expect(tested).toMatchObject({ code: 0 });
  expect(tested.out).toMatch(/^3 payments\n/);
  expect(tested.out).toMatch(/review +0 \(R\$ 0\.00\) +2 \(R\$ 1050\.00\)/);
  expect(tested.out).toMatch(/estimated cost +R\$ 0\.00 +R\$ 20\.00/);
  expect(tested.out).toMatch(/approve -> +1 +2 +0/);
  expect(tested.out).toContain('Of 3 payments that the live version decided itself it decides 3 the same.');

  const published = await vigia('publish', version!, ...person, '--from-version', 'none');
  expect(published.out).toBe(`Version ${version} of pix decides; before: none.\n`);
  expect((await vigia('shadow', file.version, ...person)).out).toContain('decides in shadow');
  expect((await vigia('list')).out).toMatch(new RegExp(`${version} +draft +published`));
  expect((await vigia('publish', file.version, ...person)).code).toBe(0);
  expect((await vigia('history')).out).toMatch(new RegExp(`publish +${version} -> ${file.version} +Ana Prado`));
});

test.each([
  [['check', 'none.json'], 2, /none\.json cannot be read as JSON/],
  [['draft', GRAPH], 2, /--by NAME is missing/],
  [['back-test', 'aaaaaaaaaaaa', ...range], 2, /no version aaaaaaaaaaaa/],
  [['back-test', 'aaaaaaaaaaaa', '--from', 'monday', '--to', '2026-11-21'], 2, /no day as 2026-11-27/],
  [['back-test', 'aaaaaaaaaaaa', ...range, '--set', 'trees'], 2, /name=number/],
  [['compare', 'aaaaaaaaaaaa', ...range], 2, /decided nothing in shadow/],
  [['fly'], 2, /no command policy fly/],
])('policy %j ends with %i and says why', async (args, code, message) => {
  const ended = await vigia(...args);
  expect(ended).toMatchObject({ code, out: '' });
  expect(ended.err).toMatch(message);
});

test('what cannot be used is refused without a server', async () => {
  const graph = JSON.parse(readFileSync(GRAPH, 'utf8')) as { nodes: object[] };
  const halved = inFile('halved.json', { ...graph, nodes: graph.nodes.slice(1) });
  expect(await vigia('check', halved)).toMatchObject({ code: 3, out: '' });
  const settings = inFile('wrong.json', { nightLimitCents: 0.5 });
  expect((await vigia('check', GRAPH, '--settings', settings)).err).toContain('nightLimitCents');
});
