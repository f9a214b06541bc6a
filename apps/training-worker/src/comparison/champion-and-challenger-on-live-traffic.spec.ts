import type { Service } from '@vigia/platform';
import { mlflowServer } from '@vigia/testing';
import { RegisteredModel } from '../registered.fixture.js';
import { Site, ask, decidedPayment } from '../site.fixture.js';
import type { Comparison } from './comparison.service.js';

jest.setTimeout(360_000);

let site: Site;
let service: Service;
let model: RegisteredModel;

beforeAll(async () => {
  const mlflowUrl = await mlflowServer();
  model = new RegisteredModel(mlflowUrl);
  site = await Site.open(mlflowUrl);
  service = await site.start(site.scripts({}));
});
afterAll(() => site?.close());

const compare = (query = '') => ask(`${service.url}/v1/models/${model.name}/comparison${query}`, site.keys.reader);

/** Both score a payment; in the canary the challenger decides. Answers its EndToEndId. */
async function payment(champion: number, challenger: number, options: { canary?: boolean; scoredAtMs?: number } = {}) {
  const [decider, other] = options.canary ? ['bundle-2', 'bundle-1'] : ['bundle-1', 'bundle-2'];
  const [decided, shadow] = options.canary ? [challenger, champion] : [champion, challenger];
  const row = decidedPayment({ model: { name: model.name, version: decider! }, probability: decided });
  await site.record([row]);
  const { endToEndId } = row;
  const scoredAtMs = options.scoredAtMs ?? Date.now() - 60_000;
  await site.ledger.recordShadowScores([
    { endToEndId, model: model.name, bundleVersion: other!, probability: shadow, margin: 0, scoredAtMs },
  ]);
  return endToEndId;
}

async function verdict(endToEndId: string, result: 'agreed' | 'disagreed' | 'open', knownAt: string): Promise<void> {
  const outcome = { endToEndId, source: 'med' as const, result, situation: 'scam' as const, knownAt };
  await site.ledger.recordOutcome(outcome, { caller: 'med', recordedAtMs: Date.now() });
}

test('without a champion or a challenger there is nothing to compare', async () => {
  expect(await compare()).toMatchObject({ status: 404, body: { detail: expect.stringContaining('no champion') } });
  const champion = await model.addVersion('passed', { thresholds: { review: 0.2, reject: 0.6 } });
  await model.registry.setAlias(model.name, 'champion', champion);
  expect(await compare()).toMatchObject({ status: 404, body: { detail: expect.stringContaining('no challenger') } });
  const challenger = await model.addVersion('passed', { thresholds: { review: 0.3, reject: 0.7 } });
  await model.registry.setAlias(model.name, 'challenger', challenger);
  expect(await compare()).toMatchObject({ status: 200, body: { payments: 0, meanAbsoluteDifference: null } });
});

test('payments of both are counted and measured, with the verdicts known last', async () => {
  const fraud = await payment(0.1, 0.8);
  await verdict(fraud, 'disagreed', '2026-11-21T00:00:00.000Z');
  await verdict(fraud, 'agreed', '2026-11-22T00:00:00.000Z');
  await verdict(fraud, 'open', '2026-11-23T00:00:00.000Z');
  const genuine = await payment(0.5, 0.25);
  await verdict(genuine, 'disagreed', '2026-11-21T00:00:00.000Z');
  // Decided alike by the thresholds of both, in the canary.
  await payment(0.05, 0.15, { canary: true });
  // Of the past, and of another pair of versions.
  await payment(0.9, 0.1, { scoredAtMs: Date.now() - 40 * 86_400_000 });
  const { body } = await compare();
  expect(body as unknown as Comparison).toMatchObject({
    payments: 3,
    truncated: false,
    labels: { fraud: 1, genuine: 1, none: 1 },
    shareDecidedDifferently: 2 / 3,
    champion: {
      version: '1',
      bundleVersion: 'bundle-1',
      notApproved: 1,
      ranking: { averagePrecision: 0.5, rocAuc: 0.5 },
    },
    challenger: { version: '2', notApproved: 1, ranking: { averagePrecision: 1, rocAuc: 1 } },
  });
  expect(body['meanAbsoluteDifference']).toBeCloseTo((0.7 + 0.25 + 0.1) / 3, 12);
});

test('the range may be another, and not empty', async () => {
  const from = new Date(Date.now() - 50 * 86_400_000).toISOString();
  const to = new Date(Date.now() - 39 * 86_400_000).toISOString();
  expect((await compare(`?from=${from}&to=${to}`)).body).toMatchObject({ payments: 1, labels: { none: 1 } });
  expect(await compare(`?from=${to}&to=${from}`)).toMatchObject({ status: 400, body: { errors: [{ field: 'to' }] } });
});
