import { Module, type DynamicModule } from '@nestjs/common';
import { LOGGER, Metrics, Pseudonymiser, type Logger } from '@vigia/platform';
import { AssessController } from './assess/assess.controller.js';
import { AssessGrpcController } from './assess/assess.grpc.controller.js';
import { AssessService } from './assess/assess.service.js';
import { DecisionMetrics } from './assess/decision-metrics.js';
import { FeatureReader } from './assess/feature-reader.js';
import { Judge } from './assess/judge.js';
import { RecordService } from './assess/record.service.js';
import type { ScoringConfig } from './config.js';
import { Engines } from './engines.js';

const HOUR_MS = 3_600_000;

@Module({})
export class AppModule {
  static register(config: ScoringConfig): DynamicModule {
    return {
      module: AppModule,
      controllers: [AssessController, AssessGrpcController],
      providers: [
        {
          provide: Engines,
          inject: [LOGGER, Metrics],
          useFactory: (logger: Logger, metrics: Metrics) => Engines.open(config, logger, metrics),
        },
        { provide: DecisionMetrics, inject: [Metrics], useFactory: (metrics: Metrics) => new DecisionMetrics(metrics) },
        {
          provide: Judge,
          inject: [Engines, DecisionMetrics, LOGGER],
          useFactory: ({ set, models, policies }: Engines, metrics: DecisionMetrics, logger: Logger) =>
            new Judge(set, models, policies, (part, error) => {
              metrics.degraded(part);
              logger.error({ err: error, part }, 'a part of the decision failed');
            }),
        },
        {
          provide: AssessService,
          inject: [Engines, Judge, DecisionMetrics],
          useFactory: (engines: Engines, judge: Judge, metrics: DecisionMetrics) =>
            new AssessService({
              pseudonymiser: pseudonymiserOf(config),
              features: new FeatureReader(engines.set, engines.store, () => metrics.degraded('features')),
              judge,
              ledger: engines.writer,
              shadow: engines.shadow,
              policyShadow: engines.policyShadow,
              metrics,
              tolerance: {
                skewMs: config.clockToleranceHours * HOUR_MS,
                endToEndIdMs: config.endToEndIdToleranceHours * HOUR_MS,
              },
            }),
        },
        {
          provide: RecordService,
          inject: [Engines, Judge],
          useFactory: ({ writer, set, models }: Engines, judge: Judge) => new RecordService(writer, set, models, judge),
        },
      ],
    };
  }
}

function pseudonymiserOf(config: ScoringConfig): Pseudonymiser {
  return new Pseudonymiser({ version: config.pseudonymKeyVersion, secret: Buffer.from(config.pseudonymSecret) });
}
