import type { PseudonymousPayment } from '@vigia/contracts';
import { Ledger } from '@vigia/ledger';
import type { OnlineStore } from '@vigia/online-store';
import type { Service } from '@vigia/platform';
import { pseudonymousPaymentBuilder, testPseudonym, waitFor } from '@vigia/testing';
import { Redis } from 'ioredis';
import { Served } from '../served.fixture.js';
import { Site, ask } from '../site.fixture.js';
import { backfillHandler } from './backfill-handler.js';

jest.setTimeout(120_000);

const PAYMENTS = 200;
const firstMs = Date.now() - 5 * 3_600_000;

let site: Site;
let served: Served;
let windows: OnlineStore;
let redis: Redis;

beforeAll(async () => {
  site = await Site.open();
  served = await Served.open(site);
  windows = await site.onlineStore();
  redis = new Redis(site.redisUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await served?.close();
  await site?.close();
});

/** Few parties, so that windows fill; every seventh comes late, every ninth is a return. */
function paymentOf(i: number): PseudonymousPayment {
  const person = (name: string) => testPseudonym(name);
  return pseudonymousPaymentBuilder({
    acceptedAtMs: firstMs + i * 60_000 - (i % 7 === 0 ? 90_000 : 0),
    amountCents: 1_000 + ((i * 7_919) % 90_000),
    purpose: i % 9 === 0 ? 'REFU' : 'IPAY',
    payer: { person: person(`person ${i % 5}`) },
    payee: { person: person(`person ${i % 3}`) },
  });
}

/** What the windows have for each of the last payments, without them. */
async function vectors(payments: PseudonymousPayment[]): Promise<number[][]> {
  const read = payments.slice(-10).map(async (payment) => {
    const { values } = await windows.observe({
      ...site.requestOf(payment),
      atMs: firstMs + PAYMENTS * 60_000,
      observe: false,
      peek: true,
    });
    return [...values];
  });
  return Promise.all(read);
}

async function loseState(): Promise<void> {
  const keys = [...(await site.windows()).keys()].filter((key) => !key.includes(':seen:'));
  await redis.del(...keys.filter((_, i) => i % 2 === 0));
}

test('as a job: the windows are as they were before the loss', async () => {
  const service: Service = await site.start();
  const payments = Array.from({ length: PAYMENTS }, (_, i) => paymentOf(i));
  await served.payments(payments);
  for (const i of [3, 40, 80, 120]) await served.label(payments[i]!, true);
  await served.label(payments[80]!, false);
  const before = await vectors(payments);
  await loseState();
  expect(await vectors(payments)).not.toEqual(before);

  const body = { featureSet: 'pix', paymentsPerSecond: 10_000 };
  const answer = await ask(`${service.url}/v1/backfills`, site.keys.admin, { body });
  expect(answer.status).toBe(202);
  const location = service.url + answer.headers.get('location')!;
  let job: Record<string, unknown> = {};
  await waitFor(
    async () => {
      job = (await ask(location, site.keys.admin)).body;
      return ['completed', 'failed', 'cancelled'].includes(job['state'] as string);
    },
    { timeoutMs: 90_000 },
  );
  expect(job).toMatchObject({ state: 'completed', result: { replayed: PAYMENTS + 5 } });
  expect(await vectors(payments)).toEqual(before);
});

test('another set than the served one is refused', async () => {
  const ledger = Ledger.connect({ url: site.database.url });
  const handler = backfillHandler({
    set: site.set,
    ledger,
    redisUrl: site.redisUrl,
    prefix: 'none',
    clockToleranceMs: 0,
    tailBound: 1,
  });
  const context = { jobId: '1', attempt: 1, progress: () => undefined, signal: new AbortController().signal };
  const refused = handler({ featureSet: 'handbook', paymentsPerSecond: 1 }, context);
  await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
  await ledger.close();
});
