import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { GaugeRefresh, JobMetrics, JobRunner, LOGGER, Metrics, type Logger } from '@vigia/platform';
import { BundleCache, ModelRegistry } from '@vigia/registry';
import { ComparisonService } from './comparison/comparison.service.js';
import type { TrainingWorkerConfig } from './config.js';
import { Engines } from './engines.js';
import { executorOf } from './executor/executor-of.js';
import { JobLogs } from './executor/job-logs.js';
import { handlersOf } from './jobs/handlers.js';
import { JobsController } from './jobs/jobs.controller.js';
import { OwnJobs } from './jobs/own-jobs.js';
import { ModelChangesController } from './models/model-changes.controller.js';
import { ModelsController } from './models/models.controller.js';
import { ModelsService } from './models/models.service.js';
import { endAbandonedRuns } from './training/runs-of-job.js';
import { TrainingJobsController } from './training/training-jobs.controller.js';
import { TrainingMetrics } from './training/training-metrics.js';
import { TrainingSets } from './training/training-sets.js';

@Module({})
export class AppModule {
  static register(config: TrainingWorkerConfig): DynamicModule {
    const logs = new JobLogs(join(config.workDirectory, 'logs'));
    const trainingSets = new TrainingSets(config.trainingSetDirectory);
    return {
      module: AppModule,
      controllers: [TrainingJobsController, JobsController, ModelsController, ModelChangesController],
      providers: [
        { provide: Engines, inject: [LOGGER], useFactory: (logger: Logger) => Engines.open(config, logger) },
        { provide: JobLogs, useValue: logs },
        { provide: TrainingSets, useValue: trainingSets },
        { provide: ModelRegistry, inject: [Engines], useFactory: ({ registry }: Engines) => registry },
        { provide: OwnJobs, inject: [Engines], useFactory: ({ queues }: Engines) => new OwnJobs(queues) },
        {
          provide: BundleCache,
          inject: [Engines],
          useFactory: ({ registry }: Engines) => new BundleCache(registry, join(config.workDirectory, 'bundles')),
        },
        {
          provide: ModelsService,
          inject: [Engines, BundleCache],
          useFactory: ({ registry, ledger }: Engines, bundles: BundleCache) =>
            new ModelsService(registry, ledger, bundles),
        },
        {
          provide: ComparisonService,
          inject: [Engines, BundleCache],
          useFactory: ({ registry, ledger }: Engines, bundles: BundleCache) =>
            new ComparisonService(registry, ledger, bundles, Date.now),
        },
        { provide: JobMetrics, inject: [Metrics], useFactory: (metrics: Metrics) => new JobMetrics(metrics) },
        { provide: TrainingMetrics, inject: [Metrics], useFactory: (metrics: Metrics) => new TrainingMetrics(metrics) },
        {
          provide: JobRunner,
          inject: [Engines, BundleCache, TrainingMetrics, JobMetrics, LOGGER],
          useFactory: async (
            engines: Engines,
            bundles: BundleCache,
            metrics: TrainingMetrics,
            jobs: JobMetrics,
            logger: Logger,
          ) => {
            const executor = await executorOf(config, logs, logger);
            const handlers = handlersOf(config, { engines, executor, bundles, trainingSets, metrics });
            const lockMs = config.jobLockSeconds * 1_000;
            return new JobRunner({ queues: engines.queues, handlers, metrics: jobs, logger, lockMs });
          },
        },
        {
          provide: GaugeRefresh,
          inject: [Engines, JobMetrics, LOGGER],
          useFactory: ({ queues, registry }: Engines, jobs: JobMetrics, logger: Logger) => {
            const sweep = () => endAbandonedRuns({ queues, registry, experiment: config.mlflowExperiment });
            return new GaugeRefresh([() => jobs.refresh(queues), sweep], config.gaugeRefreshSeconds * 1_000, logger);
          },
        },
      ],
    };
  }
}
