import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { JOBS, type PseudonymousPayment, type TrainingSetManifest } from '@vigia/contracts';
import { PIX } from '@vigia/features';
import { Ledger } from '@vigia/ledger';
import { OfflineStore } from '@vigia/offline-store';
import type { Service } from '@vigia/platform';
import { pseudonymousPaymentBuilder, testPseudonym, waitFor } from '@vigia/testing';
import { Served } from '../served.fixture.js';
import { Site, ask } from '../site.fixture.js';
import { trainingSetHandler } from './training-set-handler.js';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const PAYMENTS = 300;

let site: Site;
let service: Service;
let served: Served;
let payments: PseudonymousPayment[];
let vectors: Map<string, Float32Array>;
let firstMs: number;
let cutOff: string;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  served = await Served.open(site);
  firstMs = Date.now() - 5 * HOUR_MS;
  payments = Array.from({ length: PAYMENTS }, (_, i) => paymentOf(i));
  vectors = await served.payments(payments.slice(0, 150));
  for (const i of [3, 40, 80, 149]) await served.label(payments[i]!, true);
  await served.label(payments[80]!, false);
  for (const [id, vector] of await served.payments(payments.slice(150))) vectors.set(id, vector);
  cutOff = new Date().toISOString();
  await waitFor(() => Date.now() > Date.parse(cutOff) + 1);
  await served.label(payments[100]!, true);
});
afterAll(async () => {
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
    ...(i % 4 === 0 ? { device: { id: testPseudonym(`device ${i % 2}`), registered: i % 8 === 0 } } : {}),
  });
}

const requestOf = (fromMs: number, toMs: number, more: object = {}) => ({
  featureSet: 'pix',
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
  labelCutOff: cutOff,
  ...more,
});

async function jobFor(body: object): Promise<{ location: string; job: Record<string, unknown> }> {
  const answer = await ask(`${service.url}/v1/training-sets`, site.keys.admin, { body });
  expect(answer.status).toBe(202);
  return { location: service.url + answer.headers.get('location')!, job: answer.body };
}

async function end(location: string): Promise<Record<string, unknown>> {
  let job: Record<string, unknown> = {};
  await waitFor(
    async () => {
      job = (await ask(location, site.keys.admin)).body;
      return ['completed', 'failed', 'cancelled'].includes(job['state'] as string);
    },
    { timeoutMs: 60_000 },
  );
  return job;
}

async function rowsIn(name: string): Promise<Map<string, unknown[]>> {
  const limits = { memoryLimitMb: 128, threads: 1, temporaryDirectory: site.path('reading') };
  const store = await OfflineStore.open(limits);
  try {
    const file = join(site.path('training-sets'), name, 'rows.parquet');
    const columns = site.set.features.join(', ');
    const rows = await store.ask(`SELECT end_to_end_id, label, ${columns} FROM '${file}'`);
    return new Map(rows.map(([id, ...rest]) => [String(id), rest]));
  } finally {
    store.close();
  }
}

test('a set made of the ledger: every vector as it was served, labels as known at the cut-off', async () => {
  const [fromMs, toMs] = [firstMs + 60 * 60_000, firstMs + 240 * 60_000];
  const { location, job } = await jobFor(requestOf(fromMs, toMs));
  expect(job).toMatchObject({ queue: 'training-set', payload: { genuineShare: 1, seed: 0 } });
  const ended = await end(location);
  expect(ended).toMatchObject({ state: 'completed', problem: null, progress: { share: 1 } });
  const { name, manifest } = ended['result'] as { name: string; manifest: TrainingSetManifest };

  const inside = payments.filter(({ acceptedAtMs }) => acceptedAtMs >= fromMs && acceptedAtMs < toMs);
  expect(manifest).toMatchObject({ rows: inside.length, frauds: 1, featureSet: { name: 'pix', hash: site.set.hash } });
  const rows = await rowsIn(name);
  expect([...rows.keys()].sort()).toEqual(inside.map(({ endToEndId }) => endToEndId).sort());
  for (const { endToEndId } of inside) {
    const [label, ...vector] = rows.get(endToEndId)!;
    expect([endToEndId, ...vector.map(Number)]).toEqual([endToEndId, ...vectors.get(endToEndId)!]);
    expect([endToEndId, label]).toEqual([endToEndId, endToEndId === payments[149]!.endToEndId ? 1 : 0]);
  }

  const again = await end((await jobFor(requestOf(fromMs, toMs))).location);
  expect(again['result']).toEqual(ended['result']);
});

test('a range without data is a failed job that says so, and leaves no set', async () => {
  const before = setsThere();
  const job = await end((await jobFor(requestOf(firstMs - 60 * 60_000, firstMs - 30 * 60_000))).location);
  expect(job).toMatchObject({
    state: 'failed',
    failedAttempts: 1,
    problem: { type: 'urn:vigia:problem:range_without_data' },
  });
  expect(setsThere()).toEqual(before);
});

test.each(['reading the ledger', 'computing features', 'writing'])(
  'a job that is cancelled while it is %s leaves no set and nothing that it worked with',
  async (step) => {
    const before = setsThere();
    const ledger = Ledger.connect({ url: site.database.url });
    const control = new AbortController();
    const handler = trainingSetHandler({
      set: PIX,
      ledger,
      limits: { memoryLimitMb: 128, threads: 1, temporaryDirectory: site.path('offline') },
      directory: site.path('training-sets'),
      labelDelayMs: 0,
      clockToleranceMs: 12 * HOUR_MS,
    });
    const progress = (_: number, at: string): void => (at === step ? control.abort('cancelled') : undefined);
    const payload = JOBS['training-set'].payload.parse(requestOf(firstMs, firstMs + 200 * 60_000));
    await expect(handler(payload, { jobId: '1', attempt: 1, progress, signal: control.signal })).rejects.toBe(
      'cancelled',
    );
    await ledger.close();
    expect(setsThere()).toEqual(before);
    expect(readdirSync(site.path('offline'))).toEqual([]);
  },
);

test('a job that is over stays as it is when it is cancelled', async () => {
  const { location } = await jobFor(requestOf(firstMs, firstMs + 60_000));
  const ended = await end(location);
  const answer = await ask(location, site.keys.admin, { method: 'DELETE' });
  expect(answer).toMatchObject({ status: 202, body: ended });
});

function setsThere(): string[] {
  return existsSync(site.path('training-sets')) ? readdirSync(site.path('training-sets')).sort() : [];
}
