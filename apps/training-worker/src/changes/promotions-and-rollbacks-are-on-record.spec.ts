import type { ModelChange } from '@vigia/contracts';
import type { JobView, Service } from '@vigia/platform';
import { mlflowServer, testEndToEndId } from '@vigia/testing';
import { RegisteredModel } from '../registered.fixture.js';
import { OVER, Site, ask, decidedPayment, jobIn } from '../site.fixture.js';
import { changeChampion } from './champion.js';
import { promoteHandler } from './promote-handler.js';

jest.setTimeout(360_000);

const HOUR_MS = 3_600_000;

let mlflowUrl: string;
let site: Site;
let service: Service;
let model: RegisteredModel;

beforeAll(async () => {
  mlflowUrl = await mlflowServer();
  site = await Site.open(mlflowUrl);
  service = await site.start({
    ...site.scripts({}),
    MINIMUM_SHADOW_HOURS: '24',
    MINIMUM_SHADOW_SCORES: '2',
  });
});
afterAll(() => site?.close());
beforeEach(() => {
  model = new RegisteredModel(mlflowUrl);
});

async function change(path: string, body: object): Promise<JobView> {
  const answer = await ask(`${service.url}/v1/models/${model.name}/${path}`, site.keys.admin, { body });
  expect(answer).toMatchObject({ status: 202 });
  expect(answer.headers.get('location')).toBe(`/v1/jobs/${String(answer.body['queue'])}/${String(answer.body['id'])}`);
  return jobIn(service.url, site.keys.reader, answer.body as unknown as JobView, ...OVER);
}
const promote = (version: string, more: object = {}): Promise<JobView> =>
  change(`versions/${version}/promote`, { by: 'Ana Prado', reason: `finds more than before`, ...more });
const rollBack = (): Promise<JobView> => change('rollback', { by: 'Rui Alves', reason: 'reviews doubled' });
const champion = async (): Promise<string | undefined> =>
  (await model.registry.byAlias(model.name, 'champion'))?.version;
const history = async (): Promise<ModelChange[]> => {
  const { body } = await ask(`${service.url}/v1/models/${model.name}/history`, site.keys.reader);
  return body['changes'] as ModelChange[];
};

/** Scores a version twice in shadow, this many hours apart. */
async function shadow(version: string, hours: number): Promise<void> {
  const scores = [0, hours * HOUR_MS].map((scoredAtMs) => ({
    endToEndId: testEndToEndId(hours, scoredAtMs),
    model: model.name,
    bundleVersion: `bundle-${version}`,
    probability: 0.5,
    margin: 0,
    scoredAtMs,
  }));
  await site.ledger.recordShadowScores(scores);
}

test('the first champion needs the gate alone, the next one its time in shadow too; the challenger is so no longer', async () => {
  const first = await model.addVersion('passed');
  expect((await promote(first)).state).toBe('completed');
  expect(await champion()).toBe(first);

  const second = await model.addVersion('passed');
  await model.registry.setAlias(model.name, 'challenger', second);
  const early = await promote(second);
  expect(early).toMatchObject({ state: 'failed', problem: { type: 'urn:vigia:problem:gate_failed' } });
  expect(early.problem!.detail).toContain('in shadow for 0.0 of 24 hours. Version 2 scored 0 of 2 payments');
  expect(await champion()).toBe(first);

  await shadow(second, 23);
  expect((await promote(second)).problem!.detail).toContain('in shadow for 23.0 of 24 hours');
  await shadow(second, 24);
  const done = await promote(second);
  expect(done).toMatchObject({ state: 'completed', result: { from: { version: first }, overridden: [] } });
  expect(await champion()).toBe(second);
  expect(await model.registry.byAlias(model.name, 'challenger')).toBeNull();
  expect(await promote(second)).toMatchObject({ problem: { type: 'urn:vigia:problem:already_exists' } });
  expect(await history()).toMatchObject([
    { kind: 'promote', from: { version: '1', bundleVersion: 'bundle-1' }, to: { version: '2' }, by: 'Ana Prado' },
    { kind: 'promote', from: null, to: { version: '1', bundleVersion: 'bundle-1' } },
  ]);
});

test.each([
  ['failed', 'failed the gate'],
  ['pending', 'was not held against the gate'],
])('a version whose gate is %s is refused; an override names what it set aside', async (gate, objection) => {
  const version = await model.addVersion(gate);
  const refused = await promote(version);
  expect(refused).toMatchObject({ state: 'failed', problem: { type: 'urn:vigia:problem:gate_failed' } });
  expect(refused.problem!.detail).toContain(objection);
  expect([await champion(), await history()]).toEqual([undefined, []]);
  const forced = await promote(version, { override: true, reason: 'the old one lets mules through' });
  expect(forced.state).toBe('completed');
  expect(await history()).toMatchObject([
    {
      overridden: [expect.stringContaining(objection)],
      by: 'Ana Prado',
      reason: 'the old one lets mules through',
    },
  ]);
});

test('a second rollback goes further back, never again to what the first one left', async () => {
  expect(await rollBack()).toMatchObject({
    state: 'failed',
    problem: { type: 'urn:vigia:problem:no_earlier_champion' },
  });
  for (let i = 0; i < 3; i++) await promote(await model.addVersion('passed'), { override: true });
  expect((await rollBack()).result).toMatchObject({ kind: 'rollback', from: { version: '3' }, to: { version: '2' } });
  expect(await champion()).toBe('2');
  expect((await rollBack()).result).toMatchObject({ from: { version: '2' }, to: { version: '1' } });
  expect(await champion()).toBe('1');
  expect(await rollBack()).toMatchObject({ problem: { type: 'urn:vigia:problem:no_earlier_champion' } });
  expect((await history()).map(({ kind, to }) => `${kind} ${to.version}`)).toEqual([
    'rollback 1',
    'rollback 2',
    'promote 3',
    'promote 2',
    'promote 1',
  ]);
});

describe('an attempt that dies', () => {
  const context = { jobId: 'job', attempt: 1, progress: () => undefined, signal: new AbortController().signal };
  const request = { by: 'Ana Prado', reason: 'finds more', override: true };
  const parts = () => ({
    registry: model.registry,
    ledger: site.ledger,
    minimumShadowHours: 24,
    minimumShadowScores: 2,
  });

  test('between alias and record: the next one records it, from what it took the place of', async () => {
    const [first, second] = [await model.addVersion('passed'), await model.addVersion('passed')];
    await promote(first);
    await model.registry.setAlias(model.name, 'champion', second);
    const handler = promoteHandler(parts());
    const payload = { model: model.name, version: second, ...request };
    const recorded = await handler(payload, { ...context, jobId: `${model.name}-1` });
    expect(recorded).toMatchObject({ from: { version: first }, to: { version: second } });
    expect(await handler(payload, { ...context, jobId: `${model.name}-1` })).toEqual(recorded);
    expect(await history()).toHaveLength(2);
  });

  test('before the alias moved: nothing is on record', async () => {
    const version = await model.addVersion('passed');
    const away = new RegisteredModel('http://127.0.0.1:9');
    const handler = promoteHandler({
      ...parts(),
      registry: Object.assign(Object.create(model.registry) as typeof model.registry, {
        setAlias: () => away.registry.setAlias(model.name, 'champion', version),
      }),
    });
    const payload = { model: model.name, version, ...request };
    await expect(handler(payload, { ...context, jobId: `${model.name}-2` })).rejects.toMatchObject({
      code: 'dependency_unavailable',
    });
    expect([await champion(), await history()]).toEqual([undefined, []]);
  });
});

test('a champion that another put there meanwhile is not overrun', async () => {
  const [first, second] = [await model.addVersion('passed'), await model.addVersion('passed')];
  const seen = await model.registry.byAlias(model.name, 'champion');
  await promote(first);
  const to = { version: second, bundleVersion: 'bundle-2' };
  const late = { model: model.name, kind: 'promote' as const, from: null, to, by: 'x', reason: 'y', overridden: [] };
  const parts = { registry: model.registry, ledger: site.ledger };
  await expect(changeChampion(parts, { ...late, jobId: `${model.name}-late` }, seen)).rejects.toMatchObject({
    code: 'dependency_unavailable',
  });
  expect([await champion(), (await history()).length]).toEqual([first, 1]);
});

test.each([
  ['versions/7/promote', { by: 'Ana', reason: 'finds more' }, 404, 'version'],
  ['versions/x/promote', { by: 'Ana', reason: 'finds more' }, 400, 'version'],
  ['versions/7/promote', { by: '', reason: 'finds more' }, 400, 'by'],
  ['versions/7/evaluate', {}, 404, 'version'],
  ['rollback', { by: 'Ana', reason: 'no' }, 400, 'reason'],
])('%s with %j is refused at once', async (path, body, status, field) => {
  const answer = await ask(`${service.url}/v1/models/${model.name}/${path}`, site.keys.admin, { body });
  expect(answer).toMatchObject({ status, body: { errors: [{ field }] } });
});

test('versions are listed with gate and aliases, one of them with what it was made of', async () => {
  await model.addVersion('failed');
  const second = await model.addVersion('passed', { parameters: { trees: 40 } });
  await model.registry.setAlias(model.name, 'challenger', second);
  const { body } = await ask(`${service.url}/v1/models/${model.name}/versions`, site.keys.reader);
  expect(body['versions']).toMatchObject([
    { version: '2', bundleVersion: 'bundle-2', gate: 'passed', aliases: ['challenger'] },
    { version: '1', gate: 'failed', aliases: [] },
  ]);
  const one = await ask(`${service.url}/v1/models/${model.name}/versions/2`, site.keys.reader);
  expect(one.body).toMatchObject({ version: '2', bundle: { parameters: { trees: 40 }, algorithm: 'xgboost' } });
  const none = await ask(`${service.url}/v1/models/${model.name}/versions/3`, site.keys.reader);
  expect(none.status).toBe(404);
});

test('a payment leads to the model that decided it and to the change by which it was live', async () => {
  const [first, second] = [await model.addVersion('passed'), await model.addVersion('passed')];
  await promote(first);
  await promote(second, { override: true });
  const [latest] = await history();
  const decidedAtMs = Date.parse(latest!.changedAt);
  const decided = (bundleVersion: string, atMs: number) =>
    decidedPayment({ decidedAtMs: atMs, model: { name: model.name, version: bundleVersion } });
  const rows = [
    decided('bundle-1', decidedAtMs - 1),
    decided('bundle-2', decidedAtMs + 1),
    decided('from a file', decidedAtMs + 1),
  ];
  await site.record(rows);
  const behind = async (endToEndId: string) =>
    (await ask(`${service.url}/v1/payments/${endToEndId}/model`, site.keys.reader)).body;
  expect(await behind(rows[0]!.endToEndId)).toMatchObject({
    model: { name: model.name, version: 'bundle-1' },
    change: { kind: 'promote', to: { version: '1' } },
  });
  expect(await behind(rows[1]!.endToEndId)).toMatchObject({
    change: { to: { version: '2' }, overridden: [expect.any(String), expect.any(String)] },
  });
  expect(await behind(rows[2]!.endToEndId)).toMatchObject({ model: { version: 'from a file' }, change: null });
  expect(await behind(testEndToEndId(99_999))).toMatchObject({ type: 'urn:vigia:problem:unknown_payment' });
});
