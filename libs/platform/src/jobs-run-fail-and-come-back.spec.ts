import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, type JobContext } from '@vigia/contracts';
import { startValkey, testPrefix, valkeyServer, waitFor } from '@vigia/testing';
import { JobMetrics } from './job-metrics.js';
import { JobWorker, type JobHandlers, type JobWorkerParts } from './job-worker.js';
import { createLogger } from './log.js';
import { Metrics } from './metrics.js';
import { JobQueues, type JobView, type ScheduledPayloads } from './queues.js';

jest.setTimeout(60_000);

const AUDIT = { featureSet: 'pix', from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' };
const logger = createLogger({ service: 'test', version: '0', level: 'silent' });
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(scheduled: ScheduledPayloads = {}, prefix = testPrefix()): Promise<JobQueues> {
  const queues = await JobQueues.open({ url: await valkeyServer(), prefix, scheduled });
  closers.push(() => queues.close());
  return queues;
}

function start(queues: JobQueues, handlers: JobHandlers, options: Partial<JobWorkerParts> = {}) {
  const metrics = new Metrics('test', '0');
  const parts = { queues, metrics: new JobMetrics(metrics), logger, ...options };
  const worker = JobWorker.start({ ...parts, handlers });
  closers.push(() => worker.close());
  return { worker, metrics };
}

async function until(queues: JobQueues, id: string, ...states: JobView['state'][]): Promise<JobView> {
  let view: JobView | null = null;
  await waitFor(
    async () => {
      view = await queues.read('audit', id);
      return view !== null && states.includes(view.state);
    },
    { timeoutMs: 20_000 },
  );
  return view!;
}

/** Runs until it is told to end, as a handler should. */
const endless = async (_: unknown, { signal }: JobContext): Promise<never> => {
  for (;;) await sleep(10_000, undefined, { signal });
};

test('a job runs with its payload, shows its progress and keeps its result', async () => {
  const queues = await open();
  const { metrics } = start(queues, {
    audit: ({ featureSet, from }, { progress }) => {
      void progress(0.5, 'half', { stage: 'tuning', trial: 3, trials: undefined });
      return Promise.resolve({ featureSet, from });
    },
  });
  const id = await queues.addJob('audit', AUDIT);
  expect(await until(queues, id, 'completed')).toMatchObject({
    queue: 'audit',
    id,
    payload: AUDIT,
    progress: { share: 0.5, step: 'half', stage: 'tuning', trial: 3 },
    failedAttempts: 0,
    result: { featureSet: 'pix', from: AUDIT.from },
    problem: null,
  });
  expect(await metrics.registry.metrics()).toContain('vigia_jobs_total{queue="audit",result="completed"');
});

test('a payload that does not fit is refused before it waits', async () => {
  const queues = await open();
  await expect(queues.addJob('audit', { ...AUDIT, from: 'yesterday' })).rejects.toThrow(/UTC instant/);
  expect(await queues.depth('audit')).toMatchObject({ waiting: 0 });
});

test('the same id names one job; with another payload it is refused, and the newest are shown', async () => {
  const queues = await open();
  const id = await queues.addJob('audit', AUDIT, 'key-1');
  expect(await queues.addJob('audit', AUDIT, 'key-1')).toBe(id);
  await expect(queues.addJob('audit', { ...AUDIT, featureSet: 'handbook' }, 'key-1')).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
  start(queues, { audit: (_, { jobId }) => Promise.resolve(jobId) });
  expect(await until(queues, id, 'completed')).toMatchObject({ result: 'key-1' });
  expect(await queues.addJob('audit', AUDIT, 'key-1')).toBe(id);
  const second = await queues.addJob('audit', AUDIT);
  const third = await queues.addJob('audit', AUDIT, 'key-3');
  const newest = (await queues.recent('audit', 2)).map((job) => job.id);
  // Both may be of the same millisecond.
  expect(newest.sort()).toEqual([second, third].sort());
  expect(await queues.recent('audit', 9)).toHaveLength(3);
});

test('jobs without a handler here wait for the service that has it', async () => {
  const queues = await open();
  start(queues, { audit: () => Promise.resolve() });
  const other = await queues.addJob('backfill', { featureSet: 'pix', paymentsPerSecond: 1 });
  await until(queues, await queues.addJob('audit', AUDIT), 'completed');
  expect(await queues.read('backfill', other)).toMatchObject({ state: 'waiting' });
});

test('what the caller must mend is not tried again, and its problem stands in the job', async () => {
  const queues = await open();
  let attempts = 0;
  start(queues, {
    audit: () => {
      attempts += 1;
      throw new Fault('not_found', { detail: 'The ledger holds no payment in this range.' });
    },
  });
  const view = await until(queues, await queues.addJob('audit', AUDIT), 'failed');
  expect(view.problem).toMatchObject({ type: 'urn:vigia:problem:not_found', detail: /no payment/ as unknown });
  expect(attempts).toBe(1);
});

test('weather is waited out, with the problem shown meanwhile and nothing of the error itself', async () => {
  const queues = await open();
  start(queues, {
    audit: () => Promise.reject(new Error('row of k1.secret')),
  });
  const view = await until(queues, await queues.addJob('audit', AUDIT), 'retrying');
  expect(view).toMatchObject({ failedAttempts: 1, problem: { type: 'urn:vigia:problem:internal' } });
  expect(JSON.stringify(view)).not.toContain('secret');
});

test('a running job that is cancelled ends and is not tried again', async () => {
  const queues = await open();
  const { metrics } = start(queues, { audit: endless });
  const id = await queues.addJob('audit', AUDIT);
  await until(queues, id, 'active');
  expect(await queues.cancel('audit', id)).toMatchObject({ state: 'cancelling' });
  expect(await until(queues, id, 'cancelled')).toMatchObject({ result: null, problem: null });
  await waitFor(async () => (await queues.depth('audit'))['failed'] === 1);
  expect(await metrics.registry.metrics()).toContain('result="cancelled"');
});

test('a job that is cancelled while it waits never begins', async () => {
  const queues = await open();
  const id = await queues.addJob('audit', AUDIT);
  expect(await queues.cancel('audit', id)).toMatchObject({ state: 'cancelled' });
  const begun: string[] = [];
  start(queues, { audit: ({ to }) => Promise.resolve(void begun.push(to)) });
  const other = await queues.addJob('audit', { ...AUDIT, to: '2026-11-22T00:00:00.000Z' });
  await until(queues, other, 'completed');
  expect(begun).toEqual(['2026-11-22T00:00:00.000Z']);
});

test('a job whose service stops goes back to its queue and counts no attempt', async () => {
  const queues = await open();
  const { worker } = start(queues, { audit: endless });
  const id = await queues.addJob('audit', AUDIT);
  await until(queues, id, 'active');
  await worker.close();
  expect(await queues.read('audit', id)).toMatchObject({ state: 'waiting', failedAttempts: 0 });
  start(queues, { audit: () => Promise.resolve('done') });
  expect(await until(queues, id, 'completed')).toMatchObject({ result: 'done' });
});

test('a job whose worker died without a word begins anew elsewhere', async () => {
  const queues = await open();
  const dying = new AbortController();
  // A worker that renews no lock, as one that is gone.
  const { Worker } = await import('bullmq');
  const dead = new Worker('audit', () => sleep(60_000, undefined, { signal: dying.signal }), {
    connection: { url: queues.settings.url, maxRetriesPerRequest: null },
    prefix: queues.settings.prefix,
    lockDuration: 200,
    skipLockRenewal: true,
    skipStalledCheck: true,
  });
  dead.on('error', () => undefined);
  closers.push(async () => {
    dying.abort();
    await dead.close(true);
  });
  const id = await queues.addJob('audit', AUDIT);
  await until(queues, id, 'active');
  start(queues, { audit: () => Promise.resolve('done by another') }, { lockMs: 500 });
  expect(await until(queues, id, 'completed')).toMatchObject({ result: 'done by another' });
});

test('a schedule makes jobs whose payload follows from their moment', async () => {
  const at = (ms: number): string => new Date(ms).toISOString();
  const queues = await open({ audit: (atMs) => ({ featureSet: 'pix', from: at(atMs - 1_000), to: at(atMs) }) });
  const ranges: string[] = [];
  start(queues, { audit: ({ from, to }) => Promise.resolve(void ranges.push(`${from} ${to}`)) });
  await queues.schedule('audit', 1_000);
  await waitFor(() => ranges.length >= 2, { timeoutMs: 20_000 });
  await queues.schedule('audit', 0);
  const [first, second] = ranges.map((range) => range.split(' '));
  expect(second![0]).toBe(first![1]);
});

test('queues whose server is away say so, and go on when it is back', async () => {
  const server = await startValkey();
  const queues = await JobQueues.open({ url: server.url, prefix: testPrefix() });
  closers.push(
    () => server.stop(),
    () => queues.close(),
  );
  await server.kill9();
  await expect(queues.addJob('audit', AUDIT)).rejects.toMatchObject({ code: 'dependency_unavailable' });
  await server.restart();
  await waitFor(async () => (await queues.addJob('audit', AUDIT)) !== '', { timeoutMs: 20_000 });
});
