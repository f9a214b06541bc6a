import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, mlflowServer } from '@vigia/testing';
import { ModelRegistry } from './model-registry.js';
import { RegisteredModel, sha256 } from './registered.fixture.js';

const FILES = { 'bundle.json': '{"format":2}', 'model.onnx': 'graph', 'plots/roc curve.png': 'picture' };

let url: string;
let registry: ModelRegistry;
let model: RegisteredModel;
let directory: string;

beforeAll(async () => {
  url = await mlflowServer();
  registry = new ModelRegistry({ url, timeoutMs: 30_000 });
}, 180_000);
beforeEach(() => {
  model = new RegisteredModel(url);
  directory = mkdtempSync(join(tmpdir(), 'vigia-registry-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const addVersion = async (files: Record<string, string> = FILES, digest?: string): Promise<string> =>
  model.addVersion(await model.startRun('job'), files, digest);
const names = (): string[] => readdirSync(directory, { recursive: true }).map(String).sort();

test('a version is what training wrote of it, and gets aliases and the verdict of the gate', async () => {
  const runId = await model.startRun('job');
  const number = await model.addVersion(runId, FILES);
  await registry.setAlias(model.name, 'champion', number);
  await registry.setAlias(model.name, 'challenger', number);
  await registry.setGate(model.name, number, 'passed');
  const found = await registry.version(model.name, number);
  expect(found).toEqual({
    model: model.name,
    version: '1',
    runId,
    bundleVersion: '20260301-1a2b3c4d',
    bundleSha256: sha256(FILES['bundle.json']),
    gate: 'passed',
    aliases: ['challenger', 'champion'],
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
  });
  expect(await registry.byAlias(model.name, 'champion')).toEqual(found);
});

test('an alias moves to another version and can be taken away', async () => {
  await addVersion();
  const second = await addVersion();
  await registry.setAlias(model.name, 'champion', '1');
  await registry.setAlias(model.name, 'champion', second);
  expect((await registry.byAlias(model.name, 'champion'))?.version).toBe('2');
  expect((await registry.version(model.name, '1'))?.aliases).toEqual([]);
  await registry.removeAlias(model.name, 'champion');
  await registry.removeAlias(model.name, 'champion');
  expect(await registry.byAlias(model.name, 'champion')).toBeNull();
});

test('versions come newest first, each with its aliases', async () => {
  for (let i = 0; i < 11; i++) await addVersion();
  await registry.setAlias(model.name, 'challenger', '11');
  await registry.setAlias(model.name, 'champion', '3');
  const found = await registry.versions(model.name);
  expect(found.map(({ version }) => version)).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2', '1']);
  expect(
    found.filter(({ aliases }) => aliases.length > 0).map(({ version, aliases }) => [version, ...aliases]),
  ).toEqual([
    ['11', 'challenger'],
    ['3', 'champion'],
  ]);
  expect((await registry.versions(model.name, 2)).map(({ version }) => version)).toEqual(['11', '10']);
});

test('what is not there is null, empty or not found', async () => {
  expect(await registry.version(model.name, '1')).toBeNull();
  expect(await registry.byAlias(model.name, 'champion')).toBeNull();
  expect(await registry.versions(model.name)).toEqual([]);
  expect(await registry.runsOfJob(model.experiment, 'job')).toEqual([]);
  await expect(registry.setAlias(model.name, 'champion', '1')).rejects.toMatchObject({ code: 'not_found' });
  await addVersion();
  expect(await registry.version(model.name, '2')).toBeNull();
  await expect(registry.setAlias(model.name, 'champion', '2')).rejects.toMatchObject({ code: 'not_found' });
  await expect(registry.setGate(model.name, '2', 'failed')).rejects.toMatchObject({ code: 'not_found' });
  await expect(registry.endRun('0'.repeat(32), 'KILLED')).rejects.toMatchObject({ code: 'not_found' });
});

test('a bundle is fetched whole, its folders too', async () => {
  const number = await addVersion();
  await registry.fetchBundle((await registry.version(model.name, number))!, join(directory, 'deep/bundle'));
  const found = Object.keys(FILES).map((path) => [path, readFileSync(join(directory, 'deep/bundle', path), 'utf8')]);
  expect(Object.fromEntries(found)).toEqual(FILES);
  expect(readdirSync(join(directory, 'deep'))).toEqual(['bundle']);
});

test('two that fetch one bundle at the same time both have it', async () => {
  const version = (await registry.version(model.name, await addVersion()))!;
  await Promise.all([1, 2, 3].map(() => registry.fetchBundle(version, join(directory, 'bundle'))));
  expect(names()).toEqual([
    'bundle',
    'bundle/bundle.json',
    'bundle/model.onnx',
    'bundle/plots',
    'bundle/plots/roc curve.png',
  ]);
});

test('a bundle.json of another digest than was registered is refused and leaves nothing', async () => {
  const version = (await registry.version(model.name, await addVersion(FILES, sha256('another'))))!;
  await expect(registry.fetchBundle(version, join(directory, 'bundle'))).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('SHA-256') as string,
  });
  expect(names()).toEqual([]);
});

test('a version without a bundle says so', async () => {
  const version = (await registry.version(model.name, await addVersion({ 'model.onnx': 'graph' })))!;
  await expect(registry.fetchBundle(version, join(directory, 'bundle'))).rejects.toMatchObject({ code: 'not_found' });
  expect(names()).toEqual([]);
});

test('the runs of a job are found newest first, and ended', async () => {
  const first = await model.startRun('job 1');
  const other = await model.startRun('job 2');
  const second = await model.startRun('job 1');
  await registry.endRun(first, 'KILLED');
  expect(await registry.runsOfJob(model.experiment, 'job 1')).toEqual([
    { runId: second, status: 'RUNNING' },
    { runId: first, status: 'KILLED' },
  ]);
  expect(await registry.runsOfJob(model.experiment, 'job 2')).toEqual([{ runId: other, status: 'RUNNING' }]);
});

test('a file is added to what a run logged', async () => {
  const runId = await model.startRun('job');
  await registry.logArtifact(runId, 'gate/gate.md', Buffer.from('# passed'));
  const response = await fetch(`${url}/get-artifact?run_uuid=${runId}&path=gate/gate.md`);
  expect(await response.text()).toBe('# passed');
});

describe('through a connection that breaks', () => {
  let proxy: Server;
  afterEach(() => new Promise((closed) => proxy.close(closed)));

  /** Passes everything on to MLflow, but for the files that `cut` names: their connection ends after half of them. */
  async function through(cut: (path: string) => boolean): Promise<ModelRegistry> {
    proxy = createServer((incoming, outgoing) => {
      const onward = request(`${url}${incoming.url!}`, { method: incoming.method!, agent: false }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        if (!cut(incoming.url!)) return void answer.pipe(outgoing);
        answer.once('data', (bytes: Buffer) => {
          outgoing.write(bytes.subarray(0, bytes.length / 2), () => outgoing.destroy());
        });
      });
      onward.end();
    });
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
    const { port } = proxy.address() as AddressInfo;
    return new ModelRegistry({ url: `http://127.0.0.1:${port}`, timeoutMs: 30_000 });
  }

  test.each(['model.onnx', 'plots/roc%20curve.png', 'bundle.json'])(
    'a fetch that ends in the middle of %s leaves nothing, and the next one works',
    async (file) => {
      const version = (await registry.version(model.name, await addVersion()))!;
      const broken = await through((path) => path.endsWith(`/bundle/${file}`));
      await expect(broken.fetchBundle(version, join(directory, 'bundle'))).rejects.toMatchObject({
        code: 'dependency_unavailable',
      });
      expect(names()).toEqual([]);
      await registry.fetchBundle(version, join(directory, 'bundle'));
      expect(names()).toContain('bundle/model.onnx');
    },
  );

  test('an answer that ends half way is no answer', async () => {
    await addVersion();
    const broken = await through((path) => path.includes('model-versions/get'));
    await expect(broken.version(model.name, '1')).rejects.toMatchObject({ code: 'dependency_unavailable' });
  });
});

test.each([
  ['byAlias', (away: ModelRegistry) => away.byAlias('m', 'champion')],
  ['versions', (away: ModelRegistry) => away.versions('m')],
  ['setAlias', (away: ModelRegistry) => away.setAlias('m', 'champion', '1')],
  ['runsOfJob', (away: ModelRegistry) => away.runsOfJob('m', 'job')],
  ['endRun', (away: ModelRegistry) => away.endRun('run', 'KILLED')],
  ['logArtifact', (away: ModelRegistry) => away.logArtifact('run', 'file', Buffer.from(''))],
])('%s says that MLflow is away', async (_, ask) => {
  const away = new ModelRegistry({ url: `http://127.0.0.1:${await freePort()}` });
  await expect(ask(away)).rejects.toMatchObject({ code: 'dependency_unavailable', kind: 'weather' });
});

test('an MLflow that takes the connection and is silent is away when the time is up', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const { port } = silent.address() as AddressInfo;
  const slow = new ModelRegistry({ url: `http://127.0.0.1:${port}`, timeoutMs: 50 });
  await expect(slow.byAlias('m', 'champion')).rejects.toMatchObject({ code: 'dependency_unavailable' });
  silent.closeAllConnections();
  await new Promise((closed) => silent.close(closed));
});
