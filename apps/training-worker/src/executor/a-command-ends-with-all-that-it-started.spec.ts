import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnTypescript, waitFor } from '@vigia/testing';
import { commandDirectory } from './commands.fixture.js';
import { CONFORMANCE, family, isAlive } from './executor-conformance.fixture.js';
import { JobLogs } from './job-logs.js';
import { ProcessExecutor } from './process-executor.js';

jest.setTimeout(120_000);

const directory = mkdtempSync(join(tmpdir(), 'vigia-executor-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const logs = new JobLogs(join(directory, 'logs'));

function executorOf(script: string): ProcessExecutor {
  return new ProcessExecutor({
    directory: commandDirectory(join(directory, 'bin'), { 'vigia-train': script }),
    logs,
    graceMs: 500,
    now: () => Date.UTC(2026, 10, 28),
  });
}

test.each(Object.entries(CONFORMANCE))('%s', (_, holds) => holds({ executorOf, logs }));

test('a log of no job, or outside of their directory, is not there', async () => {
  expect(await logs.read('log-2')).toBeNull();
  expect(await logs.read('../logs/log-1')).toBeNull();
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
