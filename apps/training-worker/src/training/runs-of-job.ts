import type { JobQueues } from '@vigia/platform';
import type { ModelRegistry, RegisteredVersion } from '@vigia/registry';

/** The version that an earlier attempt of a job registered; null where none did. */
export async function registeredBy(
  registry: ModelRegistry,
  { model, experiment, jobId }: { model: string; experiment: string; jobId: string },
): Promise<RegisteredVersion | null> {
  const runs = new Set((await registry.runsOfJob(experiment, jobId)).map(({ runId }) => runId));
  if (runs.size === 0) return null;
  return (await registry.versions(model)).find(({ runId }) => runs.has(runId)) ?? null;
}

/** Ends the runs that an attempt left behind, so that none stays "running" in MLflow. */
export async function endRunsOf(registry: ModelRegistry, experiment: string, jobId: string): Promise<void> {
  for (const { runId, status } of await registry.runsOfJob(experiment, jobId)) {
    if (status === 'RUNNING' || status === 'SCHEDULED') await registry.endRun(runId, 'KILLED');
  }
}

/** Trainings that are looked at again after their end. */
const LOOKED_AT = 20;

/** Ends what jobs that are given up left behind while MLflow was away. */
export async function endAbandonedRuns(parts: {
  queues: JobQueues;
  registry: ModelRegistry;
  experiment: string;
}): Promise<void> {
  const jobs = await parts.queues.recent('train', LOOKED_AT);
  for (const { id, state } of jobs) {
    if (state === 'failed' || state === 'cancelled') await endRunsOf(parts.registry, parts.experiment, id);
  }
}
