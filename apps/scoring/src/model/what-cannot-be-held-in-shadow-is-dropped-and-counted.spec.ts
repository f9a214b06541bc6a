import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleManifest } from '@vigia/contracts';
import { Ledger, migrate, type ShadowScore } from '@vigia/ledger';
import { loadBundle, type Model } from '@vigia/model';
import { Metrics, createLogger } from '@vigia/platform';
import { startPostgres, waitFor, type OwnedServer } from '@vigia/testing';
import { AfterAnswerRecord, type RecordOptions } from '../shadow/after-answer-record.js';
import { LiveModels } from './live-models.js';
import { ModelMetrics } from './model-metrics.js';
import { ShadowScorer } from './shadow-scorer.js';

const BUNDLE = resolve(__dirname, '../../../../libs/model/fixtures/bundle');
const { featureSet, features } = bundleManifest.parse(JSON.parse(readFileSync(join(BUNDLE, 'bundle.json'), 'utf8')));
const QUICK = { gatherMs: 5, retryMs: 20 };
const PATIENCE = { timeoutMs: 30_000 };
const logger = createLogger({ service: 'scoring', version: 'test', level: 'silent' });

let postgres: OwnedServer;
let ledger: Ledger;
beforeAll(async () => {
  postgres = await startPostgres({ settings: { fsync: 'off', shared_buffers: '16MB' } });
  await migrate(postgres.url);
  ledger = Ledger.connect({ url: postgres.url, questionTimeoutMs: 2_000 });
});
afterAll(async () => {
  await ledger?.close();
  await postgres?.stop();
});

function recording(options: RecordOptions) {
  const metrics = new Metrics('scoring', 'test');
  const modelMetrics = new ModelMetrics(metrics);
  const record = new AfterAnswerRecord<ShadowScore>(
    (rows) => ledger.recordShadowScores(rows),
    modelMetrics,
    logger,
    options,
  );
  const dropped = async (): Promise<Record<string, number>> => {
    const { values } = await metrics.registry.getSingleMetric('vigia_shadow_drops_total')!.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels['cause'], value]));
  };
  return { modelMetrics, record, dropped };
}

const score = (model: string, n: number) => ({
  endToEndId: `E${n}`,
  model,
  bundleVersion: '1',
  probability: 0.1,
  margin: -2,
  scoredAtMs: 1_000,
});

const onRecord = async (model: string): Promise<number> => (await ledger.shadowTime(model, '1')).scores;

test('PostgreSQL is away: scores wait up to the limit, and come when it is back', async () => {
  const { record, dropped } = recording({ ...QUICK, maxHeld: 100 });
  record.add(score('waiting', 0));
  await waitFor(async () => (await onRecord('waiting')) === 1, PATIENCE);
  await postgres.kill9();
  for (let n = 1; n <= 150; n++) record.add(score('waiting', n));
  expect(await dropped()).toEqual({ record_full: 50 });
  await postgres.restart();
  await waitFor(async () => (await onRecord('waiting')) === 101, PATIENCE);
  await record.close();
  expect(await dropped()).toEqual({ record_full: 50 });
});

test('at the end what it holds is written, or dropped while PostgreSQL is away', async () => {
  const late = { gatherMs: 1_000_000 };
  const first = recording(late);
  for (let n = 0; n < 1_200; n++) first.record.add(score('closing', n));
  await first.record.close();
  expect([await onRecord('closing'), await first.dropped()]).toEqual([1_200, {}]);
  const second = recording(late);
  for (let n = 0; n < 7; n++) second.record.add(score('closing', 2_000 + n));
  await postgres.kill9();
  await second.record.close();
  expect(await second.dropped()).toEqual({ closed: 7 });
  await postgres.restart();
  expect(await onRecord('closing')).toBe(1_200);
});

describe('the scorer', () => {
  let challenger: Model;
  beforeEach(async () => (challenger = await loadBundle(BUNDLE, { featureSet: { ...featureSet, features } })));
  const vector = new Float32Array(features.length);
  const champion = { name: 'fixture', version: '0' };

  test('drops what its queue does not hold, scores the rest, and what has become what decided not at all', async () => {
    const { record, modelMetrics, dropped } = recording(QUICK);
    const models = new LiveModels(0);
    const scorer = new ShadowScorer(models, record, modelMetrics, logger, 20);
    scorer.offer({ endToEndId: 'nobody beside', vector, model: champion }, 'champion');
    await models.slots.challenger.swap(challenger);
    for (let n = 0; n < 30; n++) scorer.offer({ endToEndId: `E${n}`, vector, model: champion }, 'champion');
    await scorer.close();
    expect(await dropped()).toEqual({ queue_full: 10 });
    expect(await onRecord('fixture')).toBe(20);
    scorer.offer({ endToEndId: 'without a score', vector, model: null }, 'champion');
    scorer.offer({ endToEndId: 'of the same', vector, model: { name: 'fixture', version: '1' } }, 'champion');
    scorer.offer({ endToEndId: 'by the challenger', vector, model: champion }, 'challenger');
    scorer.offer({ endToEndId: 'scored', vector, model: champion }, 'champion');
    await scorer.close();
    expect(await onRecord('fixture')).toBe(21);
    await models.close();
  });

  test('counts a score that fails', async () => {
    const { record, modelMetrics, dropped } = recording(QUICK);
    const models = new LiveModels(0);
    await models.slots.challenger.swap(challenger);
    const scorer = new ShadowScorer(models, record, modelMetrics, logger);
    scorer.offer({ endToEndId: 'E1', vector: new Float32Array(2), model: champion }, 'champion');
    await scorer.close();
    expect(await dropped()).toEqual({ failed: 1 });
    await models.close();
  });
});
