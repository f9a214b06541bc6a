import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PIX, compileFeatureSet } from '@vigia/features';
import { migrate } from '@vigia/ledger';
import { digestApiKey, mintApiKey } from '@vigia/platform';
import {
  createTestDatabase,
  freePort,
  mlflowServer,
  testEndToEndId,
  testPrefix,
  valkeyServer,
  type TestDatabase,
} from '@vigia/testing';
import { WORKSPACE, startApp, type RunningApp } from '../stack.js';

jest.setTimeout(600_000);

const key = mintApiKey();
let directory: string;
let database: TestDatabase;
let worker: RunningApp;
let url: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vigia-command-line-'));
  database = await createTestDatabase(migrate);
  const apiKeysFile = join(directory, 'api-keys.json');
  writeFileSync(apiKeysFile, JSON.stringify([{ name: 'ana', sha256: digestApiKey(key), scopes: ['read', 'admin'] }]));
  makeTrainingSet('small', true);
  makeTrainingSet('genuine', false);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  worker = await startApp(
    'training-worker',
    directory,
    {
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: database.url,
      REDIS_URL: await valkeyServer(),
      REDIS_TIMEOUT_MS: '10000',
      QUEUE_PREFIX: `${testPrefix()}jobs`,
      MLFLOW_URL: await mlflowServer(),
      MLFLOW_TIMEOUT_MS: '30000',
      MLFLOW_EXPERIMENT: 'command line',
      TRAINING_SET_DIRECTORY: join(directory, 'training-sets'),
      WORK_DIRECTORY: join(directory, 'work'),
      TRAINER_DIRECTORY: join(WORKSPACE, 'pipelines/.venv/bin'),
      API_KEYS_FILE: apiKeysFile,
      SHUTDOWN_GRACE_MS: '0',
      MAX_LOOP_DELAY_MS: '60000',
    },
    `${url}/health/ready`,
  );
});
afterAll(async () => {
  await worker?.stop();
  await database?.drop();
  rmSync(directory, { recursive: true, force: true });
});

function makeTrainingSet(name: string, frauds: boolean): void {
  const { name: setName, hash, features } = compileFeatureSet(PIX);
  const specification = JSON.stringify({ featureSet: { name: setName, hash }, features, frauds });
  const script = join(WORKSPACE, 'apps/training-worker/fixtures/make_training_set.py');
  const folder = join(directory, 'training-sets', name);
  execFileSync(join(WORKSPACE, 'pipelines/.venv/bin/python'), [script, folder, specification]);
}

const MODEL = `cli-${Date.now().toString(36)}`;

function vigia(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, VIGIA_URL: url, VIGIA_API_KEY: key };
  return new Promise((settle) => {
    const line = [join(WORKSPACE, 'tools/dist/vigia.js'), ...args, '--model', MODEL];
    execFile(process.execPath, line, { env }, (error, out, err) =>
      settle({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

test('from a training to what decided a payment', async () => {
  const set = ['trees=40', 'depth=3', 'learning_rate=0.1'].flatMap((each) => ['--set', each]);
  const trained = await vigia('train', '--training-set', 'small', ...set, '--json');
  expect(trained).toMatchObject({ code: 0 });
  expect(trained.err).toMatch(/^train \[#*\.*\] +\d+ % .+/m);
  expect(JSON.parse(trained.out)).toMatchObject({
    model: MODEL,
    version: '1',
    gate: { version: '1', passed: expect.any(Boolean) as boolean },
  });

  const promoted = await vigia('promote', '1', '--by', 'Ana Prado', '--reason', 'the first one', '--override');
  expect(promoted).toMatchObject({ code: 0 });
  expect(promoted.out).toContain(`Version 1 is the champion of ${MODEL}.`);
  expect((await vigia('list')).out).toMatch(/^version +bundle .*\n +1 +\d{8}-\w+ +(passed|failed) +champion/);
  expect((await vigia('history')).out).toMatch(/promote +none -> 1 +Ana Prado +the first one/);
  expect((await vigia('compare', '1')).out).toMatch(/average_precision +0\.\d{4}/);
  expect((await vigia('jobs')).out).toMatch(/completed +small +1/);
  const [job] = JSON.parse((await vigia('jobs', '--json')).out) as { id: string }[];
  expect((await vigia('jobs', job!.id, '--log')).out).toContain('vigia-train --data');
});

test.each([
  [['train', '--training-set', 'genuine'], 3, /fraud/],
  [['rollback', '--by', 'Rui Alves', '--reason', 'a rehearsal'], 3, /no champion .* before/],
  [['compare'], 2, /has no (champion|challenger)/],
  [['explain', testEndToEndId(77_777)], 2, /no assessment/],
  [['promote', '9', '--by', 'Ana', '--reason', 'finds more'], 2, /no version 9/],
  [['promote', '1', '--by', 'Ana'], 2, /--reason TEXT is missing/],
  [['train', '--training-set', 'none'], 2, /POST \/v1\/training-sets/],
  [['train', '--training-set', 'small', '--set', 'trees'], 2, /name=value/],
  [['fly'], 2, /no command fly/],
  [['list', '--speed'], 2, /--speed/],
])('%j ends with %i and says why', async (args, code, message) => {
  const ended = await vigia(...args);
  expect(ended).toMatchObject({ code, out: '' });
  expect(ended.err).toMatch(message);
});

test('without its worker it ends with 4, and help names every command', async () => {
  const address = url;
  url = `http://127.0.0.1:${await freePort()}`;
  expect(await vigia('list')).toMatchObject({ code: 4, err: expect.stringContaining('VIGIA_URL') as string });
  url = address;
  const { code, out } = await vigia('--help');
  expect(code).toBe(0);
  for (const command of ['train', 'jobs', 'list', 'compare', 'evaluate', 'promote', 'rollback', 'history', 'explain'])
    expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
});
