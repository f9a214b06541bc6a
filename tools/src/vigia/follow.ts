import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS } from '@vigia/contracts';
import type { JobProgress, JobView } from '@vigia/platform';
import { CommandError, EXIT, type ServiceClient } from './client.js';

const LOOK_MS = 500;
const BAR_WIDTH = 24;
const OVER: JobView['state'][] = ['completed', 'failed', 'cancelled'];

/**
 * Follows a job to its end, with a bar on a terminal and a line for each step elsewhere.
 * @param out where progress goes; standard output belongs to the result
 * @param path where the service shows the job
 * @throws {CommandError} where it fails or is cancelled
 */
export async function follow(
  client: ServiceClient,
  job: JobView,
  out: NodeJS.WriteStream,
  path = `/v1/jobs/${job.queue}/${job.id}`,
): Promise<JobView> {
  let shown = '';
  for (;;) {
    const view = await client.get<JobView>(path);
    const line = lineOf(view);
    if (line !== shown) out.write(out.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    shown = line;
    if (OVER.includes(view.state)) {
      if (out.isTTY) out.write('\n');
      return ended(view);
    }
    await sleep(LOOK_MS);
  }
}

function ended(job: JobView): JobView {
  if (job.state === 'completed') return job;
  if (job.state === 'cancelled') throw new CommandError('The job was cancelled.', EXIT.refused);
  const code = job.problem?.type.replace('urn:vigia:problem:', '') ?? '';
  const kind = Object.hasOwn(FAULTS, code) ? FAULTS[code as keyof typeof FAULTS].kind : 'ours';
  const exitCode = { caller: EXIT.refused, weather: EXIT.unavailable, ours: EXIT.failed }[kind];
  throw new CommandError(job.problem?.detail ?? 'The job failed.', exitCode);
}

/** One line: state, or a bar with step, trial, best value and time to go. */
export function lineOf({
  queue,
  state,
  progress,
  problem,
}: Pick<JobView, 'queue' | 'state' | 'progress' | 'problem'>): string {
  if (state === 'retrying') return `${queue} waits to try again: ${problem?.detail ?? ''}`;
  if (state !== 'active' || progress === null) return `${queue} ${state}`;
  return `${queue} ${barOf(progress.share)} ${[progress.step, ...detailsOf(progress)].join(', ')}`;
}

function barOf(share: number): string {
  const full = Math.round(BAR_WIDTH * share);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${String(Math.round(100 * share)).padStart(3)} %`;
}

function detailsOf({ trial, trials, best, etaSeconds }: JobProgress): string[] {
  return [
    ...(trial === undefined ? [] : [`trial ${trial}${trials === undefined ? '' : ` of ${trials}`}`]),
    ...(best === undefined ? [] : [`best ${best.toFixed(4)}`]),
    ...(etaSeconds === undefined ? [] : [`${Math.ceil(etaSeconds)} s to go`]),
  ];
}
