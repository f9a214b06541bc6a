import { pseudonymousPaymentBuilder, testPseudonym, waitFor } from '@vigia/testing';
import { Redis } from 'ioredis';
import { Served } from '../served.fixture.js';
import { Site, ask } from '../site.fixture.js';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
}, 60_000);
afterAll(() => site.close());

const START_MS = Date.now() - 3_600_000;
const payment = (i: number) =>
  pseudonymousPaymentBuilder({
    acceptedAtMs: START_MS + i * 1_000,
    amountCents: 100 + i,
    payer: { person: testPseudonym(`payer ${i % 3}`) },
    payee: { person: testPseudonym(`payee ${i % 2}`) },
  });

test('windows that were lost are rebuilt by the job, labels and all, and the job says how many', async () => {
  const { url } = await site.start();
  const served = await Served.open(site);
  const payments = Array.from({ length: 60 }, (_, i) => payment(i));
  await served.payments(payments);
  await served.label(payments[7]!, true);
  const store = await site.onlineStore();
  const peek = async () => [
    ...(await store.observe({ ...site.requestOf(payment(100)), observe: false, peek: true })).values,
  ];
  const before = await peek();

  const redis = new Redis(site.redisUrl);
  const keys = [...(await site.windows()).keys()].filter((key) => !key.startsWith(site.queuePrefix));
  await redis.del(...keys);
  redis.disconnect();
  expect(await peek()).not.toEqual(before);

  const { status, body } = await ask(`${url}/v1/backfills`, site.keys.admin, {
    body: { featureSet: 'pix', paymentsPerSecond: 1_000 },
  });
  expect(status).toBe(202);
  const job = async () => (await ask(`${url}/v1/jobs/backfill/${String(body['id'])}`, site.keys.admin)).body;
  await waitFor(async () => ['completed', 'failed'].includes(String((await job())['state'])), { timeoutMs: 100_000 });
  expect(await job()).toMatchObject({ state: 'completed', result: { replayed: 61 } });
  expect(await peek()).toEqual(before);
  await served.close();
}, 120_000);
