import { Module, type DynamicModule } from '@nestjs/common';
import { Inspection } from '@vigia/online-store';
import {
  GaugeRefresh,
  JobMetrics,
  JobRunner,
  JobSchedule,
  LOGGER,
  Metrics,
  Pseudonymiser,
  type Logger,
} from '@vigia/platform';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { CatalogueService } from './catalogue/catalogue.service.js';
import { modelsInUse } from './catalogue/models-in-use.js';
import type { FeatureStoreConfig } from './config.js';
import { Engines } from './engines.js';
import { handlersOf } from './jobs/handlers.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsService } from './jobs/jobs.service.js';
import { StateMetrics } from './operations/state-metrics.js';
import { VectorService } from './vectors/vector.service.js';
import { VectorsController } from './vectors/vectors.controller.js';
import { VectorsGrpcController } from './vectors/vectors.grpc.controller.js';

const MINUTE_MS = 60_000;

@Module({})
export class AppModule {
  static register(config: FeatureStoreConfig): DynamicModule {
    return {
      module: AppModule,
      controllers: [CatalogueController, VectorsController, VectorsGrpcController, JobsController],
      providers: [
        { provide: Engines, inject: [LOGGER], useFactory: (logger: Logger) => Engines.open(config, logger) },
        {
          provide: CatalogueService,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            new CatalogueService(config.featureSet, () =>
              modelsInUse(config.modelUris, (uri, error) =>
                logger.warn({ err: error, uri }, 'a model bundle cannot be read: the catalogue leaves it out'),
              ),
            ),
        },
        {
          provide: VectorService,
          inject: [Engines],
          useFactory: ({ set, store }: Engines) => new VectorService(set, store, pseudonymiserOf(config), Date.now),
        },
        {
          provide: JobsService,
          inject: [Engines],
          useFactory: ({ queues }: Engines) => new JobsService(queues, config.featureSet, Date.now),
        },
        { provide: JobMetrics, inject: [Metrics], useFactory: (metrics: Metrics) => new JobMetrics(metrics) },
        {
          provide: StateMetrics,
          inject: [Metrics, LOGGER],
          useFactory: (metrics: Metrics, logger: Logger) => new StateMetrics(metrics, logger),
        },
        {
          provide: JobRunner,
          inject: [Engines, JobMetrics, Metrics, LOGGER],
          useFactory: (engines: Engines, jobs: JobMetrics, metrics: Metrics, logger: Logger) => {
            const handlers = handlersOf(config, engines, metrics);
            return new JobRunner({ queues: engines.queues, handlers, metrics: jobs, logger });
          },
        },
        {
          provide: GaugeRefresh,
          inject: [Engines, JobMetrics, StateMetrics, LOGGER],
          useFactory: ({ queues, set }: Engines, jobs: JobMetrics, state: StateMetrics, logger: Logger) => {
            const inspection = new Inspection({ url: config.redisUrl }, set.plan, config.redisPrefix);
            const looks = [() => jobs.refresh(queues), () => state.refresh(inspection)];
            return new GaugeRefresh(looks, config.gaugeRefreshSeconds * 1_000, logger);
          },
        },
        {
          provide: JobSchedule,
          inject: [Engines, LOGGER],
          useFactory: ({ queues }: Engines, logger: Logger) =>
            new JobSchedule(queues, 'audit', config.auditEveryMinutes * MINUTE_MS, logger),
        },
      ],
    };
  }
}

function pseudonymiserOf(config: FeatureStoreConfig): Pseudonymiser {
  return new Pseudonymiser({ version: config.pseudonymKeyVersion, secret: Buffer.from(config.pseudonymSecret) });
}
