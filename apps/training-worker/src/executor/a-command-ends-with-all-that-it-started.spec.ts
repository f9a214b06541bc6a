import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnTypescript, waitFor } from '@vigia/testing';
import { commandDirectory } from './commands.fixture.js';
import { JobLogs } from './job-logs.js';
import { ProcessExecutor } from './process-executor.js';

jest.setTimeout(60_000);

const directory = mkdtempSync(join(tmpdir(), 'vigia-executor-'));
const begun: AbortController[] = [];
afterEach(() => begun.splice(0).forEach((control) => control.abort('over')));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const logs = new JobLogs(join(directory, 'logs'));
const line = (object: object): string => `echo '${JSON.stringify(object)}'`;
const progressLine = (text: string, more: object = {}): string =>
  line({ kind: 'progress', stage: 'fitting', share: 0.5, text, ...more });
const result = line({ kind: 'result', bundle: '/b' });

function run(script: string, options: { signal?: AbortSignal; graceMs?: number; jobId?: string } = {}) {
  const steps: unknown[][] = [];
  const executor = new ProcessExecutor({
    directory: commandDirectory(join(directory, 'bin'), { 'vigia-train': script }),
    logs,
    graceMs: options.graceMs ?? 500,
    now: () => Date.UTC(2026, 10, 28),
  });
  // What a failed test leaves running ends with it.
  const over = new AbortController();
  begun.push(over);
  const { signal = over.signal, jobId = 'job-1' } = options;
  const progress = (...told: unknown[]): void => void steps.push(told);
  return {
    steps,
    control: over,
    ended: executor.run({ command: 'vigia-train', args: ['--data', 'x y'], jobId, progress, signal }),
  };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('progress, result, arguments and log', async () => {
  const script = `echo "loading $2" >&2
    ${progressLine('trial 3 of 20', { trial: 3, trials: 20, best: 0.68, etaSeconds: 40 })}
    echo 'a library speaks'; echo '{"kind":"other"}'; ${result}`;
  const { steps, ended } = run(script, { jobId: 'log-1' });
  expect(await ended).toEqual({ kind: 'result', bundle: '/b' });
  expect(steps).toEqual([
    [0.5, 'trial 3 of 20', { stage: 'fitting', trial: 3, trials: 20, best: 0.68, etaSeconds: 40 }],
  ]);
  const log = (await logs.read('log-1'))!.split('\n');
  expect(log[0]).toBe('--- 2026-11-28T00:00:00.000Z vigia-train --data x y');
  expect(log).toEqual(expect.arrayContaining(['loading x y', 'trial 3 of 20', 'a library speaks', '{"kind":"other"}']));
  expect(await logs.read('log-2')).toBeNull();
  expect(await logs.read('../logs/log-1')).toBeNull();
});

test('the attempts of a job share a log', async () => {
  await expect(run('echo first >&2; exit 1', { jobId: 'twice' }).ended).rejects.toThrow();
  await run(`echo second >&2; ${result}`, { jobId: 'twice' }).ended;
  expect(await logs.read('twice')).toMatch(/first[^]*second/);
});

test.each([
  ['echo "no fraud in it" >&2; exit 2', 'training_refused', 'no fraud in it'],
  ['echo "worse than chance" >&2; exit 3', 'training_refused', 'worse than chance'],
  ['echo "MLflow does not answer" >&2; exit 4', 'dependency_unavailable', 'MLflow does not answer'],
  ['exit 1', 'internal', 'vigia-train ended with 1. What it said is in the log of the job.'],
  ['kill -9 $$', 'internal', 'vigia-train was ended by SIGKILL. What it said is in the log of the job.'],
  ['exit 0', 'internal', 'vigia-train ended without a result. What it said is in the log of the job.'],
])('%s is %s', async (script, code, message) => {
  await expect(run(script).ended).rejects.toMatchObject({ code, message });
});

/** Tells the ids of itself and of a child of its own, then both stay; TERM ends neither where `deaf`. */
const family = (deaf: boolean): string => `${deaf ? "trap '' TERM" : ''}
  sleep 600 & ${line({ kind: 'progress', stage: 's', share: 0, text: 'PIDS' }).replace('PIDS', () => `'"$$ $!"'`)}
  wait`;

async function pidsOf(steps: unknown[][]): Promise<number[]> {
  await waitFor(() => steps.length === 1);
  return String(steps[0]![1]).split(' ').map(Number);
}

test.each([false, true])('aborted, the whole group ends, deaf to SIGTERM %s', async (deaf) => {
  const { steps, ended, control } = run(family(deaf));
  const pids = await pidsOf(steps);
  expect(pids.map(isAlive)).toEqual([true, true]);
  control.abort('cancelled');
  await expect(ended).rejects.toBe('cancelled');
  await waitFor(() => pids.every((pid) => !isAlive(pid)));
});

test('a child that a command leaves behind ends with it and holds nothing up', async () => {
  const { steps, ended } = run(family(false).replace('wait', result));
  await expect(ended).resolves.toMatchObject({ kind: 'result' });
  const [, child] = await pidsOf(steps);
  await waitFor(() => !isAlive(child!));
});

test('what was aborted before does not begin', async () => {
  const script = `echo began >&2; ${result}`;
  await expect(run(script, { signal: AbortSignal.abort('stopped'), jobId: 'never' }).ended).rejects.toBe('stopped');
  expect(await logs.read('never')).toBeNull();
});

test('a worker killed with -9 leaves nothing running', async () => {
  const commands = commandDirectory(join(directory, 'orphans'), { 'vigia-train': family(true) });
  const worker = spawnTypescript(join(__dirname, 'run-until-killed.fixture.ts'), [commands, join(directory, 'logs')]);
  const told = await new Promise<string>((settle) => createInterface({ input: worker.stdout }).once('line', settle));
  const pids = told.split(' ').map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  worker.kill('SIGKILL');
  await waitFor(() => pids.every((pid) => !isAlive(pid)));
});
