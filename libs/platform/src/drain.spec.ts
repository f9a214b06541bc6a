import { resolve } from 'node:path';
import { spawnTypescript, waitFor } from '@vigia/testing';
import { probeKeys, startProbe, waiting } from './probe-app.fixture.js';

const headers = { 'x-api-key': probeKeys.full };
const readiness = async (url: string) => {
  const response = await fetch(`${url}/health/ready`);
  return `${response.status} ${((await response.json()) as { status: string }).status}`;
};

test('a drain is seen first, serves on through the grace, then refuses, and finishes what is in flight', async () => {
  const probe = await startProbe({ settings: { shutdownGraceMs: 300 } });
  const slow = fetch(`${probe.url}/orders/wait`, { headers });
  await waitFor(() => waiting.length === 1);

  const closing = probe.close();
  expect(await readiness(probe.url)).toBe('503 draining');
  const during = await fetch(`${probe.url}/orders/fault`, { headers });
  expect(((await during.json()) as { type: string }).type).toBe('urn:vigia:problem:dependency_unavailable');
  expect(during.headers.get('connection')).toBe('close');

  const refusal = async () => {
    const response = await fetch(`${probe.url}/orders/fault`, { headers });
    return { type: ((await response.json()) as { type: string }).type, connection: response.headers.get('connection') };
  };
  await waitFor(async () => (await refusal()).type === 'urn:vigia:problem:shutting_down');
  expect((await refusal()).connection).toBe('close');

  waiting.splice(0).forEach((finish) => finish());
  expect(await (await slow).json()).toEqual({ waited: true });
  await closing;
  await expect(fetch(`${probe.url}/health/live`)).rejects.toThrow('fetch failed');
});

test('a request that never finishes holds the drain up to its limit only', async () => {
  const probe = await startProbe({ settings: { drainTimeoutMs: 50 } });
  const stuck = fetch(`${probe.url}/orders/wait`, { headers }).catch((error: unknown) => error);
  await waitFor(() => waiting.length === 1);
  await probe.close();
  expect(probe.lines.join()).toContain('did not finish in time');
  expect(await stuck).toMatchObject({ name: 'TypeError' });
  waiting.splice(0).forEach((finish) => finish());
});

test('a client that goes away frees its place', async () => {
  const probe = await startProbe({ settings: { maxInFlight: 1 } });
  const abort = new AbortController();
  const first = fetch(`${probe.url}/orders/wait`, { headers, signal: abort.signal }).catch(() => undefined);
  await waitFor(() => waiting.length === 1);
  const second = await fetch(`${probe.url}/orders/fault`, { headers });
  expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
  expect(((await second.json()) as { type: string }).type).toBe('urn:vigia:problem:overloaded');
  expect(await readiness(probe.url)).toBe('200 ready');
  abort.abort();
  await first;
  await waitFor(async () => {
    const response = await fetch(`${probe.url}/orders/fault`, { headers });
    return ((await response.json()) as { type: string }).type === 'urn:vigia:problem:dependency_unavailable';
  });
  waiting.splice(0).forEach((finish) => finish());
  await probe.close();
});

describe('a process', () => {
  const run = (...args: string[]) => {
    const child = spawnTypescript(resolve(__dirname, 'run-service.fixture.ts'), args);
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
    const exit = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    const line = (text: string) => waitFor(() => output.includes(text), { timeoutMs: 30_000 });
    return { child, exit, line, output: () => output };
  };

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 on %s, drained',
    async (signal) => {
      const { child, exit, line, output } = run();
      await line('"listening"');
      child.kill(signal);
      expect(await exit).toBe(0);
      expect(output()).toContain('"msg":"closed"');
    },
    40_000,
  );

  test('logs an unhandled rejection and ends with 1', async () => {
    const { exit, output } = run('reject');
    expect(await exit).toBe(1);
    expect(output()).toContain('nobody caught this');
    expect(output()).toContain('"level":"fatal"');
  }, 40_000);
});
