import { join } from 'node:path';
import { Fault, type JobContext, type JobHandler, type JobPayload } from '@vigia/contracts';
import type { JobQueues } from '@vigia/platform';
import { CAUSE_TAG, type BundleCache, type ModelRegistry, type RegisteredVersion } from '@vigia/registry';
import { z } from 'zod';
import type { Executor } from '../executor/executor.js';
import { runInto } from '../executor/run-into.js';
import { endRunsOf, registeredBy } from './runs-of-job.js';
import type { TrainingMetrics } from './training-metrics.js';
import type { TrainingSets } from './training-sets.js';

export interface TrainParts {
  queues: JobQueues;
  registry: ModelRegistry;
  bundles: BundleCache;
  executor: Executor;
  trainingSets: TrainingSets;
  metrics: TrainingMetrics;
  mlflowUrl: string;
  experiment: string;
  /** Where bundles lie while they are made. */
  directory: string;
  /** Replaced by what the job asks for. */
  parameters: JobPayload<'train'>['parameters'];
  /** Where the families spark_* train. */
  spark: { master: string; memoryMb: number };
}

export interface TrainResult {
  model: string;
  version: string;
  bundleVersion: string;
  bundleSha256: string;
  runId: string;
  metrics: Record<string, number>;
  /** The job `evaluate` that follows; null where none was wanted. */
  evaluation: string | null;
}

/** Last line of `vigia-train --json`. */
const trainerResult = z.object({ registryVersion: z.string() });

/**
 * Trains by `vigia-train`, which registers the version as its last step. An attempt that died before leaves a run in
 * MLflow, which is ended, or a version, which then is the job's.
 */
export function trainHandler(parts: TrainParts): JobHandler<'train', TrainResult> {
  const { registry, bundles, metrics, queues, experiment } = parts;
  return async (payload, context) => {
    const { model } = payload;
    const { jobId } = context;
    const version =
      (await registeredBy(registry, { model, experiment, jobId })) ?? (await train(parts, payload, context));
    await endRunsOf(registry, experiment, jobId);
    const { manifest } = await bundles.get(version);
    metrics.trained(model, manifest.metrics);
    const { bundleVersion, bundleSha256, runId } = version;
    if (payload.cause) await registry.tagRun(runId, CAUSE_TAG, JSON.stringify(payload.cause));
    const evaluation = payload.evaluate
      ? await queues.addJob('evaluate', { model, version: version.version }, `of-${jobId}`)
      : null;
    return {
      model,
      version: version.version,
      bundleVersion,
      bundleSha256,
      runId,
      metrics: manifest.metrics,
      evaluation,
    };
  };
}

async function train(
  { registry, executor, trainingSets, mlflowUrl, experiment, directory, parameters, spark }: TrainParts,
  payload: JobPayload<'train'>,
  context: JobContext,
): Promise<RegisteredVersion> {
  const { model } = payload;
  const { jobId, signal } = context;
  const data = trainingSets.pathOf(payload.trainingSet);
  const out = join(directory, jobId);
  const settings = Object.entries({ ...parameters, ...payload.parameters });
  const args = [
    ...['--data', data, '--out', out, '--json', '--job', jobId],
    ...['--tracking-uri', mlflowUrl, '--experiment', experiment, '--model-name', model],
    ...['--spark-master', spark.master, '--spark-memory-mb', String(spark.memoryMb)],
    ...settings.flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ];
  try {
    return await runInto(
      executor,
      { command: 'vigia-train', args, ...context },
      {
        directory: out,
        parent: directory,
        prepare: () => endRunsOf(registry, experiment, jobId),
        read: (said) => versionIn(registry, model, trainerResult.parse(said).registryVersion),
      },
    );
  } catch (error) {
    // The attempt's own end matters more; what cannot be ended now is ended before the next attempt.
    if (!executor.goesOn(signal)) await endRunsOf(registry, experiment, jobId).catch(() => undefined);
    throw error;
  }
}

async function versionIn(registry: ModelRegistry, model: string, registryVersion: string): Promise<RegisteredVersion> {
  const version = await registry.version(model, registryVersion);
  if (version) return version;
  throw new Fault('internal', {
    detail: `The trainer says that it registered version ${registryVersion}; it is not there.`,
  });
}
