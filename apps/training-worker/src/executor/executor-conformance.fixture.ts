import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { waitFor } from '@vigia/testing';
import type { Executor } from './executor.js';
import type { JobLogs } from './job-logs.js';

/** An executor under test: `vigia-train` is a shell script. */
export interface Subject {
  executorOf(script: string): Executor;
  logs: JobLogs;
}

const PATIENCE = { timeoutMs: 60_000 };

export const line = (object: object): string => `echo '${JSON.stringify(object)}'`;
const PROGRESS = { kind: 'progress', stage: 'fitting', share: 0.5 };
export const RESULT = line({ kind: 'result', bundle: '/b' });

/** Tells the ids of itself and of a child of its own, then both stay; TERM ends neither where `deaf`. */
export const family = (deaf: boolean): string => `${deaf ? "trap '' TERM" : ''}
  sleep 600 & ${line({ kind: 'progress', stage: 's', share: 0.1, text: 'PIDS' }).replace('PIDS', () => `'"$$ $!"'`)}
  wait`;

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Runs a script as an attempt of a job. */
export function begin(executor: Executor, { jobId = 'job-1', attempt = 1, signal }: Partial<RunOptions> = {}) {
  const control = new AbortController();
  const steps: unknown[][] = [];
  const ended = executor.run({
    command: 'vigia-train',
    args: ['--data', 'x y'],
    jobId,
    attempt,
    // What an executor says of itself has no details.
    progress: (...told) => void (told[2] === undefined || steps.push(told)),
    signal: signal ?? control.signal,
  });
  // It is looked at later.
  ended.catch(() => undefined);
  return { ended, steps, control };
}

interface RunOptions {
  jobId: string;
  attempt: number;
  signal: AbortSignal;
}

/** The ids that a {@link family} tells. */
export async function pidsOf(steps: unknown[][]): Promise<number[]> {
  await waitFor(() => steps.length > 0, PATIENCE);
  return String(steps[0]![1]).split(' ').map(Number);
}

type Case = (subject: Subject) => Promise<void>;

const tellsAll: Case = async ({ executorOf, logs }) => {
  const script = `echo "loading $2" >&2
    ${line({ ...PROGRESS, text: 'trial 3 of 20', trial: 3, trials: 20, best: 0.68, etaSeconds: 40 })}
    echo 'a library speaks'; echo '{"kind":"other"}'; ${RESULT}`;
  const { steps, ended } = begin(executorOf(script), { jobId: 'log-1' });
  deepEqual(await ended, { kind: 'result', bundle: '/b' });
  deepEqual(steps, [[0.5, 'trial 3 of 20', { stage: 'fitting', trial: 3, trials: 20, best: 0.68, etaSeconds: 40 }]]);
  const [first, ...rest] = (await logs.read('log-1'))!.split('\n');
  match(first!, /^--- 2026-11-28T00:00:00.000Z vigia-train --data x y/);
  for (const said of ['loading x y', 'trial 3 of 20', 'a library speaks', '{"kind":"other"}']) {
    ok(rest.includes(said), `the log lacks: ${said}`);
  }
};

const attemptsShareALog: Case = async ({ executorOf, logs }) => {
  await rejects(begin(executorOf('echo first >&2; exit 1'), { jobId: 'twice' }).ended);
  await begin(executorOf(`echo second >&2; ${RESULT}`), { jobId: 'twice', attempt: 2 }).ended;
  match((await logs.read('twice'))!, /first[^]*second/);
};

const ENDS: [script: string, code: string, message: string][] = [
  ['echo "no fraud in it" >&2; exit 2', 'training_refused', 'no fraud in it'],
  ['echo "worse than chance" >&2; exit 3', 'training_refused', 'worse than chance'],
  ['echo "MLflow does not answer" >&2; exit 4', 'dependency_unavailable', 'MLflow does not answer'],
  ['exit 1', 'internal', 'vigia-train ended with 1. What it said is in the log of the job.'],
  ['kill -9 $$', 'internal', 'vigia-train was ended by SIGKILL. What it said is in the log of the job.'],
  ['exit 0', 'internal', 'vigia-train ended without a result. What it said is in the log of the job.'],
];

const endsAs =
  ([script, code, message]: (typeof ENDS)[number], number: number): Case =>
  ({ executorOf }) =>
    rejects(begin(executorOf(script), { jobId: `ends-${number}` }).ended, { code, message });

const cancelled =
  (deaf: boolean): Case =>
  async ({ executorOf }) => {
    const { steps, ended, control } = begin(executorOf(family(deaf)), { jobId: `cancelled-${deaf}` });
    const pids = await pidsOf(steps);
    deepEqual(pids.map(isAlive), [true, true]);
    control.abort('cancelled');
    equal(await ended.catch((reason: unknown) => reason), 'cancelled');
    await waitFor(() => pids.every((pid) => !isAlive(pid)), PATIENCE);
  };

const leavesNobodyBehind: Case = async ({ executorOf }) => {
  const { steps, ended } = begin(executorOf(family(false).replace('wait', RESULT)), { jobId: 'left' });
  deepEqual(await ended, { kind: 'result', bundle: '/b' });
  const [, child] = await pidsOf(steps);
  await waitFor(() => !isAlive(child!), PATIENCE);
};

const neverBegins: Case = async ({ executorOf, logs }) => {
  const { ended } = begin(executorOf(`echo began >&2; ${RESULT}`), {
    jobId: 'never',
    signal: AbortSignal.abort('stopped'),
  });
  equal(await ended.catch((reason: unknown) => reason), 'stopped');
  equal(await logs.read('never'), null);
};

/** What every executor does; each throws where it does not. */
export const CONFORMANCE: Record<string, Case> = {
  'progress, result, arguments and log': tellsAll,
  'the attempts of a job share a log': attemptsShareALog,
  ...Object.fromEntries(ENDS.map((end, index) => [`${end[0]} is ${end[1]}`, endsAs(end, index)])),
  'cancelled, the command ends with all that it started': cancelled(false),
  'cancelled, the command ends although it is deaf to SIGTERM': cancelled(true),
  'a child that a command leaves behind ends with it and holds nothing up': leavesNobodyBehind,
  'what was aborted before does not begin': neverBegins,
};
