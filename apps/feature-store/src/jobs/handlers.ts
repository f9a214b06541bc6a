import type { JobHandlers, Metrics } from '@vigia/platform';
import { auditHandler } from '../audit/audit-handler.js';
import { AuditMetrics } from '../audit/audit-metrics.js';
import { backfillHandler } from '../backfill/backfill-handler.js';
import type { FeatureStoreConfig } from '../config.js';
import type { Engines } from '../engines.js';
import type { OwnJob } from './jobs.service.js';
import { trainingSetHandler } from '../training-sets/training-set-handler.js';

const HOUR_MS = 3_600_000;

/** The jobs of this service. */
export function handlersOf(
  config: FeatureStoreConfig,
  engines: Engines,
  metrics: Metrics,
): Required<Pick<JobHandlers, OwnJob>> {
  const { declaration: set, ledger } = engines;
  const clockToleranceMs = config.clockToleranceHours * HOUR_MS;
  const limits = {
    memoryLimitMb: config.offlineMemoryMb,
    threads: config.offlineThreads,
    temporaryDirectory: config.offlineDirectory,
  };
  return {
    'training-set': trainingSetHandler({
      set,
      ledger,
      limits,
      directory: config.trainingSetDirectory,
      labelDelayMs: config.labelDelayDays * 24 * HOUR_MS,
      clockToleranceMs,
    }),
    backfill: backfillHandler({
      set: engines.set,
      ledger,
      redisUrl: config.redisUrl,
      prefix: config.redisPrefix,
      clockToleranceMs,
      tailBound: config.backfillTailCalls,
    }),
    audit: auditHandler({
      set,
      ledger,
      limits,
      metrics: new AuditMetrics(metrics),
      directory: config.auditDirectory,
      clockToleranceMs,
      now: Date.now,
    }),
  };
}
