import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { HANDBOOK, PIX, compileFeatureSet } from '@vigia/features';
import { Ledger } from '@vigia/ledger';
import { OnlineStore } from '@vigia/online-store';
import { LOGGER, Metrics, type Logger } from '@vigia/platform';
import type { IngestionConfig } from './config.js';
import { ImportController } from './imports/import.controller.js';
import { ImportService } from './imports/import.service.js';
import { IngestionMetrics } from './ingestion-metrics.js';
import { Labeller } from './outcomes/labeller.js';
import { OutcomesController } from './outcomes/outcomes.controller.js';
import { OutcomesService } from './outcomes/outcomes.service.js';
import { ScoringClient } from './scoring/scoring-client.js';
import { RANDOM_SOURCE, randomSource, type RandomSource } from './spi/message-id.js';
import { MessageLimit, SpiController } from './spi/spi.controller.js';
import { SpiService } from './spi/spi.service.js';

/** Connections and what runs beside the requests; opened once, closed behind the last request. */
class Engines implements OnApplicationShutdown {
  private constructor(
    readonly scoring: ScoringClient,
    readonly ledger: Ledger,
    readonly store: OnlineStore,
    readonly labeller: Labeller,
  ) {}

  static async open(config: IngestionConfig, logger: Logger, metrics: IngestionMetrics): Promise<Engines> {
    const set = compileFeatureSet(config.featureSet === 'pix' ? PIX : HANDBOOK);
    const ledger = Ledger.connect({ url: config.databaseUrl, questionTimeoutMs: config.databaseTimeoutMs });
    const store = await OnlineStore.connect({
      url: config.redisUrl,
      plan: set.plan,
      prefix: config.redisPrefix,
      timeoutMs: config.redisTimeoutMs,
      onError: (error) => logger.warn({ err: error }, 'the online store does not answer'),
    });
    const scoring = new ScoringClient({
      address: config.scoringAddress,
      apiKey: config.scoringApiKey,
      deadlineMs: config.scoringDeadlineMs,
    });
    const retryMs = config.labelRetryMs;
    const labeller = new Labeller({ ledger, store, set, metrics, logger, retryMs, now: Date.now });
    labeller.start();
    return new Engines(scoring, ledger, store, labeller);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.labeller.close();
    this.scoring.close();
    this.store.close();
    await this.ledger.close();
  }
}

@Module({})
export class AppModule {
  static register(config: IngestionConfig): DynamicModule {
    return {
      module: AppModule,
      controllers: [SpiController, OutcomesController, ImportController],
      providers: [
        { provide: RANDOM_SOURCE, useValue: randomSource },
        { provide: MessageLimit, useValue: new MessageLimit(config.bodyLimitBytes) },
        {
          provide: IngestionMetrics,
          inject: [Metrics],
          useFactory: (metrics: Metrics) => new IngestionMetrics(metrics),
        },
        {
          provide: Engines,
          inject: [LOGGER, IngestionMetrics],
          useFactory: (logger: Logger, metrics: IngestionMetrics) => Engines.open(config, logger, metrics),
        },
        {
          provide: OutcomesService,
          inject: [Engines, IngestionMetrics, LOGGER],
          useFactory: ({ ledger, labeller }: Engines, metrics: IngestionMetrics, logger: Logger) =>
            new OutcomesService(ledger, labeller, metrics, logger, Date.now),
        },
        {
          provide: SpiService,
          inject: [Engines, OutcomesService, IngestionMetrics, RANDOM_SOURCE],
          useFactory: (
            { scoring }: Engines,
            outcomes: OutcomesService,
            metrics: IngestionMetrics,
            random: RandomSource,
          ) => new SpiService(scoring, outcomes, metrics, random, Date.now),
        },
        {
          provide: ImportService,
          inject: [Engines, IngestionMetrics],
          useFactory: ({ scoring }: Engines, metrics: IngestionMetrics) =>
            new ImportService(scoring, metrics, {
              concurrency: config.importConcurrency,
              attempts: config.importAttempts,
              maxLineBytes: config.bodyLimitBytes,
            }),
        },
      ],
    };
  }
}
