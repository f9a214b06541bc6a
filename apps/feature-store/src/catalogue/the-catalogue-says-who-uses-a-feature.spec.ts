import type { Service } from '@vigia/platform';
import { Site, ask } from '../site.fixture.js';

jest.setTimeout(60_000);

let site: Site;
let service: Service;

beforeAll(async () => {
  site = await Site.open();
  const few = { features: ['amount', 'payer_sum_1d'], version: '2' };
  const old = { featureSet: { name: 'pix', hash: 'b'.repeat(64) }, features: ['amount'] };
  const uris = [site.bundle('pix-full', {}), site.bundle('pix-few', few), site.bundle('pix-old', old), 'file:/nowhere'];
  service = await site.start({ MODEL_URIS: uris.join(', ') });
});
afterAll(() => site?.close());

const get = (path: string) => ask(service.url + path, site.keys.reader);

test('both sets are listed, with the one that is served', async () => {
  const { body } = await get('/v1/feature-sets');
  expect(body).toMatchObject({
    featureSets: [
      { name: 'pix', hash: site.set.hash, version: site.set.plan.id, served: true, features: 85 },
      { name: 'handbook', served: false, features: 15 },
    ],
  });
});

test('a set shows its entities and the versions that models use', async () => {
  const { body } = await get('/v1/feature-sets/pix');
  expect(body['entities']).toContainEqual({
    name: 'payee_as_payer',
    key: ['payee'],
    counterparty: null,
    log: 'payer',
    windows: expect.arrayContaining([{ lengthMs: 86_400_000, delayMs: 0 }]) as unknown,
  });
  expect(body['versions']).toEqual([
    {
      version: site.set.plan.id,
      hash: site.set.hash,
      declared: true,
      models: [
        { name: 'pix-full', version: '1' },
        { name: 'pix-few', version: '2' },
      ],
    },
    { version: 'bbbbbbbbbbbb', hash: 'b'.repeat(64), declared: false, models: [{ name: 'pix-old', version: '1' }] },
  ]);
});

test('a feature says what it means, when it is null, and which models use it', async () => {
  expect((await get('/v1/feature-sets/pix/features/payer_sum_1d')).body).toEqual({
    name: 'payer_sum_1d',
    description: 'payer: total amount within the last 1d',
    type: 'float32',
    unit: 'R$',
    entity: 'payer',
    aggregation: 'sum',
    window: { lengthMs: 86_400_000, delayMs: 0 },
    fields: [],
    features: [],
    nullWhen: 'the online store was away',
    reason: 'PAYER_VELOCITY',
    owner: 'fraud-models',
    version: site.set.plan.id,
    models: [
      { name: 'pix-full', version: '1' },
      { name: 'pix-few', version: '2' },
    ],
  });
});

test('every feature of a set is listed in its order', async () => {
  const { body } = await get('/v1/feature-sets/pix/features');
  expect((body['features'] as { name: string }[]).map(({ name }) => name)).toEqual(site.set.features);
});

test.each([
  ['/v1/feature-sets/card', 'name', 'pix, handbook'],
  ['/v1/feature-sets/card/features', 'name', 'pix, handbook'],
  ['/v1/feature-sets/pix/features/colour', 'feature', '/v1/feature-sets/pix/features'],
])('%s is a problem that names the field and the remedy', async (path, field, remedy) => {
  const { status, headers, body } = await get(path);
  expect(status).toBe(404);
  expect(headers.get('content-type')).toMatch('application/problem+json');
  expect(body).toMatchObject({ type: 'urn:vigia:problem:not_found', errors: [{ field }] });
  expect(body['detail']).toContain(remedy);
});
