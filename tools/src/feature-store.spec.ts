import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PaymentInput } from '@vigia/contracts';
import { cpf, freePort, paymentBuilder, waitFor } from '@vigia/testing';
import { startApp, startStack, type RunningApp, type Stack } from './stack.js';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const PAYMENTS = 400;

interface Job {
  state: string;
  result: Record<string, unknown> | null;
  problem: object | null;
}

let directory: string;
let stack: Stack;
const apps: RunningApp[] = [];
const url = { scoring: '', features: '' };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vigia-feature-store-'));
  stack = await startStack(directory);
  const common = {
    HOST: '127.0.0.1',
    DATABASE_URL: stack.databaseUrl,
    REDIS_URL: stack.redisUrl,
    API_KEYS_FILE: stack.apiKeysFile,
    PSEUDONYM_SECRET: stack.pseudonymSecret,
    SHUTDOWN_GRACE_MS: '0',
    MAX_LOOP_DELAY_MS: '60000',
    REDIS_TIMEOUT_MS: '5000',
    DATABASE_TIMEOUT_MS: '10000',
  };
  url.scoring = await start('scoring', { ...common, SPOOL_DIRECTORY: join(directory, 'spool') });
  url.features = await start('feature-store', {
    ...common,
    AUDIT_DIRECTORY: join(directory, 'audits'),
    TRAINING_SET_DIRECTORY: join(directory, 'training-sets'),
    OFFLINE_DIRECTORY: join(directory, 'offline'),
    OFFLINE_MEMORY_MB: '256',
  });
});

afterAll(async () => {
  for (const app of apps.reverse()) expect(await app.stop()).toBe(0);
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function start(name: string, settings: Record<string, string>): Promise<string> {
  const ports = { PORT: String(await freePort()), GRPC_PORT: String(await freePort()) };
  const address = `http://127.0.0.1:${ports.PORT}`;
  apps.push(await startApp(name, directory, { ...settings, ...ports }, `${address}/health/ready`));
  return address;
}

async function ask<T>(address: string, body?: object): Promise<T> {
  const response = await fetch(address, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-api-key': stack.key, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

async function done(path: string, body: object): Promise<Job> {
  let job = await ask<Job & { queue: string; id: string }>(url.features + path, body);
  await waitFor(
    async () => {
      job = await ask(`${url.features}/v1/jobs/${job.queue}/${job.id}`);
      return ['completed', 'failed'].includes(job.state);
    },
    { timeoutMs: 60_000 },
  );
  return job;
}

test('payments through scoring, then the same numbers in a read, in a training set and in an audit', async () => {
  const firstMs = Date.now() - 8 * HOUR_MS;
  const orders = Array.from({ length: PAYMENTS }, (_, i): PaymentInput => {
    const amount = `${10 + ((i * 37) % 900)}.${String(i % 100).padStart(2, '0')}`;
    const acceptedAt = new Date(firstMs + i * 60_000 - (i % 11 === 0 ? 150_000 : 0)).toISOString();
    return paymentBuilder({
      acceptedAt,
      amount,
      payer: { taxId: cpf(1 + (i % 6)) },
      payee: { taxId: cpf(3 + (i % 4)) },
    });
  });
  // Many at once: what counts is the order in which they reached the windows.
  for (let i = 0; i < orders.length; i += 20) {
    const batch = orders.slice(i, i + 20);
    await Promise.all(batch.map((order) => ask(`${url.scoring}/v1/assessments`, order)));
  }

  const next = paymentBuilder({ acceptedAt: new Date().toISOString(), payer: { taxId: cpf(1) } });
  const seen = await ask<{ features: Record<string, number> }>(`${url.features}/v1/feature-sets/pix/vectors`, next);
  const assessed = await ask<{ endToEndId: string }>(`${url.scoring}/v1/assessments`, next);
  const { vector } = await ask<{ vector: Record<string, number> }>(
    `${url.scoring}/v1/assessments/${assessed.endToEndId}?include=vector`,
  );
  expect(vector['payer_count_1d']).toBe(seen.features['payer_count_1d']! + 1);

  const range = { featureSet: 'pix', from: new Date(firstMs - HOUR_MS).toISOString(), to: new Date().toISOString() };
  const set = await done('/v1/training-sets', { ...range, labelCutOff: range.to });
  expect(set).toMatchObject({ state: 'completed', result: { manifest: { rows: PAYMENTS + 1, frauds: 0 } } });

  const audit = await done('/v1/audits', { ...range, to: new Date().toISOString() });
  expect(audit).toMatchObject({
    state: 'completed',
    result: { rows: { mismatched: 0, lateMismatched: 0 }, mismatchRatios: {}, firstDifference: null },
  });
  const { compared, late } = audit.result!['rows'] as { compared: number; late: number };
  expect(compared + late).toBe(PAYMENTS + 1);
});
