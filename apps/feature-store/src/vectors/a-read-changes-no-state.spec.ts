import { Metadata } from '@grpc/grpc-js';
import { ClientProxyFactory, Transport, type ClientGrpcProxy } from '@nestjs/microservices';
import { payment as paymentSchema, type PaymentInput } from '@vigia/contracts';
import type { OnlineStore } from '@vigia/online-store';
import { Pseudonymiser, type Service } from '@vigia/platform';
import { paymentBuilder } from '@vigia/testing';
import { firstValueFrom, type Observable } from 'rxjs';
import { GRPC } from '../config.js';
import { Site, SECRET, ask } from '../site.fixture.js';

jest.setTimeout(60_000);

const MINUTE_MS = 60_000;
const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.from(SECRET) });
const noon = Date.now() - 60 * MINUTE_MS;

let site: Site;
let service: Service & { grpcAddress: string };
let windows: OnlineStore;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  windows = await site.onlineStore();
  for (const [minute, amount] of [
    [0, '100.00'],
    [1, '50.00'],
  ] as const)
    await windows.observe(site.requestOf(pseudonymiser.payment(paymentSchema.parse(orderAt(minute, { amount })))));
});
afterAll(() => site?.close());

/** A payment of the same payer to the same payee, this many minutes after the first. */
function orderAt(minute: number, overrides: Parameters<typeof paymentBuilder>[0] = {}): PaymentInput {
  return paymentBuilder({ acceptedAt: new Date(noon + minute * MINUTE_MS).toISOString(), ...overrides });
}

const read = (order: PaymentInput, query = '', set = 'pix') =>
  ask(`${service.url}/v1/feature-sets/${set}/vectors${query}`, site.keys.reader, { body: order });

test('a vector holds what the windows hold, without the payment that asks', async () => {
  const { status, body } = await read(orderAt(2));
  expect(status).toBe(200);
  expect(body).toMatchObject({
    featureSet: { name: 'pix', hash: site.set.hash },
    features: { amount: 950, payer_count_1h: 2, payer_sum_1h: 150, pair_count_90d: 2, device_count_1d: null },
    entities: { payer: { at: new Date(noon + 2 * MINUTE_MS).toISOString(), position: 2 } },
  });
  expect(Object.keys(body['features'] as object)).toEqual(site.set.features);
});

test('no key of the windows changes, not even the clock of an entity', async () => {
  const before = await site.windows();
  await read(orderAt(30));
  expect(await site.windows()).toEqual(before);
  const late = pseudonymiser.payment(paymentSchema.parse(orderAt(3)));
  const { values } = await windows.observe({ ...site.requestOf(late), observe: false });
  expect(values[0]).toBe(noon + 3 * MINUTE_MS);
});

test('a payment from the future is read as of now', async () => {
  const { body } = await read(orderAt(60 * 24));
  const { payer } = body['entities'] as Record<string, { at: string }>;
  expect(Date.parse(payer!.at)).toBeLessThanOrEqual(Date.now());
});

test('only the entities that are asked for are read', async () => {
  const { body } = await read(orderAt(4), '?entities=payer');
  expect(body).toMatchObject({ features: { payer_count_1d: 2, payee_count_1d: null } });
  expect(Object.keys(body['entities'] as object)).toEqual(['payer']);
});

test('the same read over gRPC leaves missing values out', async () => {
  const vector = await readOverGrpc({ featureSet: 'pix', payment: orderAt(5) });
  const features = Object.fromEntries(vector.features.map(({ name, value }) => [name, value]));
  expect(features).toMatchObject({ payer_count_1h: 2, payer_sum_1h: 150 });
  expect(features).toHaveProperty('device_count_1d', undefined);
  expect(vector.featureSet).toEqual({ name: 'pix', hash: site.set.hash });
  expect(vector.entities.map(({ name }) => name)).toContain('payee_as_payer');
});

test.each([
  ['a set that is not declared', '', 'card', 404, 'name', /pix, handbook/],
  ['a set whose state is not kept here', '', 'handbook', 400, 'featureSet', /FEATURE_SET/],
  ['an entity that the set lacks', '?entities=payer,terminal', 'pix', 400, 'entities', /payer, payee/],
])('%s is refused with the field and the remedy', async (_, query, set, expected, field, remedy) => {
  const { status, body } = await read(orderAt(6), query, set);
  expect(status).toBe(expected);
  expect(body).toMatchObject({ errors: [{ field }] });
  expect(body['detail']).toMatch(remedy);
});

interface GrpcVector {
  featureSet: { name: string; hash: string };
  features: { name: string; value?: number }[];
  entities: { name: string; at: string; position: number }[];
}

async function readOverGrpc(request: { featureSet: string; payment: PaymentInput }): Promise<GrpcVector> {
  const client = ClientProxyFactory.create({
    transport: Transport.GRPC,
    options: { ...GRPC, url: service.grpcAddress, loader: { longs: Number, defaults: false, arrays: true } },
  }) as ClientGrpcProxy;
  const metadata = new Metadata();
  metadata.set('x-api-key', site.keys.reader);
  try {
    const store = client.getService<{ read(body: object, metadata: Metadata): Observable<GrpcVector> }>('FeatureStore');
    return await firstValueFrom(store.read(request, metadata));
  } finally {
    client.close();
  }
}
