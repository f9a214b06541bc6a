import { Fault } from '@vigia/contracts';
import type { JobHandlers } from '@vigia/platform';
import type { FeatureStoreConfig } from '../config.js';
import type { Engines } from '../engines.js';
import { trainingSetHandler } from '../training-sets/training-set-handler.js';

const HOUR_MS = 3_600_000;

/** One handler for every job of the catalogue; JobWorker refuses to start without. */
export function handlersOf(config: FeatureStoreConfig, engines: Engines): JobHandlers {
  const { declaration, ledger } = engines;
  const limits = {
    memoryLimitMb: config.offlineMemoryMb,
    threads: config.offlineThreads,
    temporaryDirectory: config.offlineDirectory,
  };
  return {
    'training-set': trainingSetHandler({
      set: declaration,
      ledger,
      limits,
      directory: config.trainingSetDirectory,
      labelDelayMs: config.labelDelayDays * 24 * HOUR_MS,
      clockToleranceMs: config.clockToleranceHours * HOUR_MS,
    }),
    backfill: notHere,
    audit: notHere,
  };
}

const notHere = (): never => {
  throw new Fault('not_found', { detail: 'This version has no handler for the job yet.' });
};
