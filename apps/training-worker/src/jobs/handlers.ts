import { join } from 'node:path';
import type { JobHandlers } from '@vigia/platform';
import { promoteHandler } from '../changes/promote-handler.js';
import { rollbackHandler } from '../changes/rollback-handler.js';
import type { TrainingWorkerConfig } from '../config.js';
import type { Engines } from '../engines.js';
import { evaluateHandler } from '../evaluation/evaluate-handler.js';
import type { Executor } from '../executor/executor.js';
import type { BundleCache } from '@vigia/registry';
import { trainHandler } from '../training/train-handler.js';
import type { TrainingMetrics } from '../training/training-metrics.js';
import type { TrainingSets } from '../training/training-sets.js';
import type { OwnJob } from './own-jobs.js';

export interface HandlerParts {
  engines: Engines;
  executor: Executor;
  bundles: BundleCache;
  trainingSets: TrainingSets;
  metrics: TrainingMetrics;
}

/** The jobs of this service. */
export function handlersOf(
  config: TrainingWorkerConfig,
  { engines, executor, bundles, trainingSets, metrics }: HandlerParts,
): Required<Pick<JobHandlers, OwnJob>> {
  const { queues, registry, ledger } = engines;
  const shared = { registry, bundles, executor, trainingSets, metrics };
  return {
    train: trainHandler({
      ...shared,
      queues,
      mlflowUrl: config.mlflowUrl,
      experiment: config.mlflowExperiment,
      directory: join(config.workDirectory, 'training'),
      parameters: { device: config.trainingDevice, threads: config.trainingThreads },
      spark: { master: config.sparkMaster, memoryMb: config.sparkMemoryMb },
    }),
    evaluate: evaluateHandler({
      ...shared,
      directory: join(config.workDirectory, 'evaluation'),
      limitsFile: config.gateLimitsFile,
    }),
    promote: promoteHandler({
      registry,
      ledger,
      minimumShadowHours: config.minimumShadowHours,
      minimumShadowScores: config.minimumShadowScores,
    }),
    rollback: rollbackHandler({ registry, ledger }),
  };
}
