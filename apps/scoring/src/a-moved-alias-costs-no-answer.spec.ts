import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assessment } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import type { AssessmentRow } from '@vigia/ledger';
import { loadBundle, reasonsOf, type Model } from '@vigia/model';
import type { Service } from '@vigia/platform';
import { cpf, mlflowServer, paymentBuilder, waitFor } from '@vigia/testing';
import { Client } from 'pg';
import { isCanary } from './model/canary.js';
import { RegisteredModel, makeBundle } from './model/registered-model.fixture.js';
import { Site } from './site.fixture.js';

jest.setTimeout(300_000);

const PATIENCE = { timeoutMs: 120_000 };
const directory = mkdtempSync(join(tmpdir(), 'vigia-alias-'));
const [FIRST, SECOND] = [join(directory, 'first'), join(directory, 'second')];
const set = compileFeatureSet(PIX);

let mlflowUrl: string;
let site: Site;
let model: RegisteredModel;
/** Both versions, loaded apart from the service, by the name that answers give them. */
let versions: Record<string, Model>;

beforeAll(async () => {
  [mlflowUrl, site] = await Promise.all([
    mlflowServer(),
    Site.open(),
    makeBundle(FIRST, { seed: 7, slope: 0.9 }),
    makeBundle(SECOND, { seed: 8, slope: 1.4 }),
  ]);
});
beforeEach(async () => {
  model = new RegisteredModel(mlflowUrl, directory);
  await model.add(FIRST);
  await model.add(SECOND);
  versions = {
    'bundle-1': await loadBundle(model.bundleOf('1'), { featureSet: set }),
    'bundle-2': await loadBundle(model.bundleOf('2'), { featureSet: set }),
  };
});
afterEach(async () => {
  for (const version of Object.values(versions)) await version.close();
});
afterAll(async () => {
  await site.close();
  rmSync(directory, { recursive: true, force: true });
});

const start = (settings: Record<string, string>): Promise<Service> =>
  site.startHere({
    MLFLOW_URL: mlflowUrl,
    MODEL_CACHE_DIRECTORY: model.cacheDirectory,
    MODEL_POLL_SECONDS: '0.05',
    ...settings,
  });

/** Amounts on both sides of the trees' thresholds, so that both models reject some and approve some. */
const AMOUNTS = ['0.01', '0.40', '1.20', '2.50', '950.00'];
let sent = 0;

async function assess(service: Service, payer = ++sent % 500): Promise<Assessment> {
  const payment = paymentBuilder({
    acceptedAt: new Date().toISOString(),
    amount: AMOUNTS[++sent % AMOUNTS.length]!,
    payer: { taxId: cpf(payer) },
  });
  const headers = { 'content-type': 'application/json', 'x-api-key': site.keys.full };
  const request = { method: 'POST', headers, body: JSON.stringify(payment) };
  const response = await fetch(`${service.url}/v1/assessments`, request);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as Assessment;
}

async function rowsOf(answers: Assessment[]): Promise<AssessmentRow[]> {
  const rows = await site.ledger.assessments(answers.map(({ endToEndId }) => endToEndId));
  return answers.map(({ endToEndId }) => rows.get(endToEndId)!);
}

/** Probability and reasons of an answer are those of the version that it names, and of no other. */
async function expectConsistent(answers: Assessment[]): Promise<void> {
  const rows = await rowsOf(answers);
  for (const [index, { model: named, probability, reasons, decision }] of answers.entries()) {
    const { vector } = rows[index]!;
    const version = versions[named!.version]!;
    expect(probability).toBe((await version.score(vector)).probability);
    const expected = decision === 'approve' ? [] : reasonsOf(await version.explain(vector), vector, set.reasons);
    expect(reasons.slice(rows[index]!.rules.length)).toEqual(expected);
  }
}

test('an alias moves 20 times under 64 clients: no error, and every answer is of the version that it names', async () => {
  await model.registry.setAlias(model.name, 'champion', '1');
  const service = await start({ MODEL_URI: model.champion });
  const answers: Assessment[] = [];
  let moving = true;
  const clients = Array.from({ length: 64 }, async () => {
    while (moving) answers.push(await assess(service));
  });
  const errors: unknown[] = [];
  for (const client of clients) client.catch((error: unknown) => errors.push(error));
  for (let move = 0; move < 20 && errors.length === 0; move++) {
    const version = move % 2 === 0 ? '2' : '1';
    await model.registry.setAlias(model.name, 'champion', version);
    await waitFor(() => errors.length > 0 || answers.at(-1)?.model?.version === `bundle-${version}`, PATIENCE);
  }
  moving = false;
  await Promise.allSettled(clients);
  expect(errors).toEqual([]);
  expect(answers.length).toBeGreaterThan(20 * 2);
  expect(answers.filter(({ degraded }) => degraded.length > 0)).toEqual([]);
  expect(new Set(answers.map(({ decision }) => decision)).size).toBeGreaterThan(1);
  for (let at = 0; at < answers.length; at += 500) await expectConsistent(answers.slice(at, at + 500));
  await service.close();
});

interface ShadowRow {
  end_to_end_id: string;
  bundle_version: string;
  probability: number;
  margin: number;
}

async function shadowRows(): Promise<Map<string, ShadowRow[]>> {
  const client = new Client({ connectionString: site.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<ShadowRow>('SELECT * FROM shadow_score WHERE model = $1', [model.name]);
    return Map.groupBy(rows, (row) => row.end_to_end_id);
  } finally {
    await client.end();
  }
}

/** Every payment has on record what the other version says of it. */
async function expectShadow(answers: Assessment[]): Promise<void> {
  await waitFor(async () => (await shadowRows()).size === answers.length, PATIENCE);
  const shadow = await shadowRows();
  const rows = await rowsOf(answers);
  for (const [index, { endToEndId, model: named }] of answers.entries()) {
    const other = named!.version === 'bundle-1' ? 'bundle-2' : 'bundle-1';
    const { probability, margin } = await versions[other]!.score(rows[index]!.vector);
    expect(shadow.get(endToEndId)).toMatchObject([{ bundle_version: other, probability, margin }]);
  }
}

async function withChallenger(settings: Record<string, string> = {}): Promise<Service> {
  await model.registry.setAlias(model.name, 'champion', '1');
  await model.registry.setAlias(model.name, 'challenger', '2');
  return start({ MODEL_URI: model.champion, CHALLENGER_URI: model.challenger, ...settings });
}

const pay = (service: Service, count: number): Promise<Assessment[]> =>
  Promise.all(Array.from({ length: count }, () => assess(service)));

test('the challenger scores every payment in shadow; the champion decides them all', async () => {
  const service = await withChallenger();
  const answers = await pay(service, 200);
  expect(new Set(answers.map((answer) => answer.model?.version))).toEqual(new Set(['bundle-1']));
  await expectShadow(answers);
  // A repeat is no payment.
  await service.close();
  expect((await shadowRows()).size).toBe(200);
});

test('the canary decides for the same payers always, and the champion is scored beside it', async () => {
  const service = await withChallenger({ CANARY_SHARE: '0.3' });
  const payers = Array.from({ length: 60 }, (_, n) => 1_000 + n);
  const answers = await Promise.all([...payers, ...payers, ...payers].map((payer) => assess(service, payer)));
  const rows = await rowsOf(answers);
  const named = answers.map((answer) => answer.model!.version);
  expect(named).toEqual(rows.map(({ payment }) => (isCanary(payment.payer.person, 0.3) ? 'bundle-2' : 'bundle-1')));
  expect(new Set(named).size).toBe(2);
  await expectConsistent(answers);
  await expectShadow(answers);
  await service.close();
});

test('an approved payment is explained by the version that approved it, in whatever role it is now, or not at all', async () => {
  const service = await withChallenger();
  const answers = (await pay(service, 20)).filter(({ decision }) => decision === 'approve');
  const { endToEndId } = answers[0]!;
  const [row] = await rowsOf([answers[0]!]);
  const explanation = async (): Promise<unknown> => {
    const url = `${service.url}/v1/assessments/${endToEndId}?include=explanation`;
    const response = await fetch(url, { headers: { 'x-api-key': site.keys.full } });
    return ((await response.json()) as Assessment).reasons;
  };
  const expected = reasonsOf(await versions['bundle-1']!.explain(row!.vector), row!.vector, set.reasons);
  expect(expected.length).toBeGreaterThan(0);
  expect(await explanation()).toEqual(expected);
  await model.registry.setAlias(model.name, 'champion', '2');
  await model.registry.setAlias(model.name, 'challenger', '1');
  await waitFor(async () => (await assess(service)).model?.version === 'bundle-2', PATIENCE);
  await waitFor(async () => JSON.stringify(await explanation()) === JSON.stringify(expected), PATIENCE);
  await model.registry.removeAlias(model.name, 'challenger');
  await waitFor(async () => JSON.stringify(await explanation()) === '[]', PATIENCE);
  await service.close();
});

test('MLflow is away at the start: the last good bundle decides', async () => {
  const settings = { MODEL_URI: model.champion, MLFLOW_URL: 'http://127.0.0.1:9' };
  const bare = await start(settings);
  expect(await assess(bare)).toMatchObject({ model: null, degraded: ['model'] });
  await bare.close();
  await model.registry.setAlias(model.name, 'champion', '2');
  await (await start({ MODEL_URI: model.champion })).close();
  const service = await start(settings);
  const answer = await assess(service);
  expect(answer).toMatchObject({ model: { name: model.name, version: 'bundle-2' }, degraded: [] });
  await service.close();
});

test('bundles on disk decide and stand beside; one that is not there leaves the policy alone', async () => {
  const [champion, challenger] = [`file:${model.bundleOf('1')}`, `file:${model.bundleOf('2')}`];
  const service = await start({ MODEL_URI: champion, CHALLENGER_URI: challenger });
  const answers = await pay(service, 10);
  expect(new Set(answers.map((answer) => answer.model?.version))).toEqual(new Set(['bundle-1']));
  await expectShadow(answers);
  await service.close();
  const bare = await start({ MODEL_URI: 'file:/nowhere' });
  expect(await assess(bare)).toMatchObject({ model: null, degraded: ['model'] });
  const metrics = await (await fetch(`${bare.url}/metrics`)).text();
  expect(metrics).toMatch(/^vigia_model_refusals_total\{role="champion",service="scoring"\} 1$/m);
  await bare.close();
});
