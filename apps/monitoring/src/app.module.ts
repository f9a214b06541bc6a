import { Module, type DynamicModule } from '@nestjs/common';
import { GaugeRefresh, JobMetrics, JobRunner, JobSchedule, LOGGER, Metrics, type Logger } from '@vigia/platform';
import { BundleCache } from '@vigia/registry';
import { AlertsController } from './alerts/alerts.controller.js';
import { AlertsService } from './alerts/alerts.service.js';
import { Notifier } from './alerts/notifier.js';
import { sendersOf } from './alerts/senders.js';
import { CaseFollower } from './cases/case-follower.js';
import { CaseMetrics } from './cases/case-metrics.js';
import { CasesController } from './cases/cases.controller.js';
import { CasesService } from './cases/cases.service.js';
import { EndedHoldsController } from './cases/ended-holds.controller.js';
import type { MonitoringConfig } from './config.js';
import { DriftController } from './drift/drift.controller.js';
import { DriftService } from './drift/drift.service.js';
import { Engines } from './engines.js';
import { Airflow } from './loop/airflow.js';
import { FraudReportsController } from './fraud-reports/fraud-reports.controller.js';
import { FraudReportsService } from './fraud-reports/fraud-reports.service.js';
import { Loop } from './loop/loop.js';
import { PerformanceController } from './performance/performance.controller.js';
import { PerformanceService } from './performance/performance.service.js';
import { backTestHandler } from './policies/back-test-handler.js';
import { BackTestJobs } from './policies/back-test-jobs.js';
import { BackTestsController } from './policies/back-tests.controller.js';
import { PoliciesController } from './policies/policies.controller.js';
import { PoliciesService } from './policies/policies.service.js';
import { monitorHandler } from './run/monitor-handler.js';
import { MonitoringMetrics } from './run/monitoring-metrics.js';
import { MonitoringRuns } from './run/monitoring-runs.js';
import { MonitoringRunsController } from './run/monitoring-runs.controller.js';
import { SubjectReviewController } from './subject-review/subject-review.controller.js';
import { SubjectReviewService } from './subject-review/subject-review.service.js';

const MINUTE_MS = 60_000;

@Module({})
export class AppModule {
  static register(config: MonitoringConfig): DynamicModule {
    const senders = sendersOf(config);
    return {
      module: AppModule,
      controllers: [
        DriftController,
        PerformanceController,
        AlertsController,
        MonitoringRunsController,
        CasesController,
        EndedHoldsController,
        SubjectReviewController,
        FraudReportsController,
        PoliciesController,
        BackTestsController,
      ],
      providers: [
        { provide: Engines, inject: [LOGGER], useFactory: (logger: Logger) => Engines.open(config, logger) },
        {
          provide: DriftService,
          inject: [Engines],
          useFactory: ({ ledger }: Engines) => new DriftService(ledger.monitoring, Date.now),
        },
        {
          provide: PerformanceService,
          inject: [Engines],
          useFactory: ({ ledger }: Engines) =>
            new PerformanceService(ledger.monitoring, config.labelHorizonDays, Date.now),
        },
        {
          provide: AlertsService,
          inject: [Engines],
          useFactory: ({ ledger }: Engines) => new AlertsService(ledger.monitoring, Date.now),
        },
        {
          provide: MonitoringRuns,
          inject: [Engines],
          useFactory: ({ queues }: Engines) => new MonitoringRuns(queues, Date.now),
        },
        { provide: CaseMetrics, inject: [Metrics], useFactory: (metrics: Metrics) => new CaseMetrics(metrics) },
        {
          provide: CasesService,
          inject: [Engines, CaseMetrics],
          useFactory: ({ ledger }: Engines, metrics: CaseMetrics) => new CasesService(ledger, metrics, Date.now),
        },
        {
          provide: CaseFollower,
          inject: [Engines, CaseMetrics, LOGGER],
          useFactory: ({ ledger }: Engines, metrics: CaseMetrics, logger: Logger) => {
            const settings = { everyMs: config.caseLookMs, holdEnd: config.overdueHoldsAre };
            return new CaseFollower(ledger.cases, settings, metrics, logger, Date.now);
          },
        },
        {
          provide: SubjectReviewService,
          inject: [Engines],
          useFactory: ({ ledger }: Engines) => new SubjectReviewService(ledger, config.contestAt, Date.now),
        },
        {
          provide: FraudReportsService,
          inject: [Engines],
          useFactory: ({ ledger }: Engines) =>
            new FraudReportsService(ledger.accountability, config.labelHorizonDays, Date.now),
        },
        {
          provide: PoliciesService,
          inject: [Engines],
          useFactory: ({ ledger }: Engines) => new PoliciesService(ledger.policies),
        },
        {
          provide: BackTestJobs,
          inject: [Engines],
          useFactory: ({ queues, ledger }: Engines) => new BackTestJobs(queues, ledger.policies, Date.now),
        },
        { provide: JobMetrics, inject: [Metrics], useFactory: (metrics: Metrics) => new JobMetrics(metrics) },
        {
          provide: MonitoringMetrics,
          inject: [Metrics],
          useFactory: (metrics: Metrics) => new MonitoringMetrics(metrics),
        },
        {
          provide: Loop,
          inject: [Engines, MonitoringMetrics, LOGGER],
          useFactory: (engines: Engines, metrics: MonitoringMetrics, logger: Logger) =>
            loopOf(config, engines, metrics, logger),
        },
        {
          provide: JobRunner,
          inject: [Engines, Loop, JobMetrics, LOGGER],
          useFactory: ({ queues, ledger, registry }: Engines, loop: Loop, jobs: JobMetrics, logger: Logger) => {
            const monitor = monitorHandler({
              ledger,
              registry,
              bundles: new BundleCache(registry, config.bundleDirectory),
              minimumPayments: config.minimumPayments,
              labelHorizonDays: config.labelHorizonDays,
              channels: senders.map(({ channel }) => channel),
              ended: () =>
                // The window is on record; what fails here is done at the next look.
                loop
                  .advance()
                  .catch((error: unknown) => logger.warn({ err: error }, 'alerts could ask for nothing yet')),
            });
            const backTest = backTestHandler({
              record: ledger.policies,
              labelHorizonDays: config.labelHorizonDays,
              now: Date.now,
            });
            return new JobRunner({ queues, handlers: { monitor, 'back-test': backTest }, metrics: jobs, logger });
          },
        },
        {
          provide: GaugeRefresh,
          inject: [Engines, Loop, MonitoringMetrics, JobMetrics, CaseMetrics, LOGGER],
          useFactory: (
            { queues, ledger }: Engines,
            loop: Loop,
            metrics: MonitoringMetrics,
            jobs: JobMetrics,
            cases: CaseMetrics,
            logger: Logger,
          ) => {
            const looks = [
              () => metrics.refresh(ledger.monitoring, config.modelName, Date.now()),
              () => loop.advance(),
              () => jobs.refresh(queues),
              () => cases.refresh(ledger.cases, Date.now()),
            ];
            return new GaugeRefresh(looks, config.gaugeRefreshSeconds * 1_000, logger);
          },
        },
        {
          provide: Notifier,
          inject: [Engines, MonitoringMetrics, LOGGER],
          useFactory: ({ ledger }: Engines, metrics: MonitoringMetrics, logger: Logger) =>
            new Notifier({
              record: ledger.monitoring,
              senders,
              settings: { retryMs: config.noticeRetryMs, attempts: config.noticeAttempts },
              tell: (channel, result) => metrics.noticed(channel, result),
              logger,
            }),
        },
        {
          provide: JobSchedule,
          inject: [Engines, LOGGER],
          useFactory: ({ queues }: Engines, logger: Logger) =>
            new JobSchedule(queues, 'monitor', config.monitorEveryMinutes * MINUTE_MS, logger),
        },
      ],
    };
  }
}

function loopOf(
  config: MonitoringConfig,
  { ledger, queues, registry }: Engines,
  metrics: MonitoringMetrics,
  logger: Logger,
): Loop {
  return new Loop({
    record: ledger.monitoring,
    queues,
    registry,
    airflow: new Airflow({
      url: config.airflowUrl,
      username: config.airflowUsername,
      password: config.airflowPassword,
      timeoutMs: config.airflowTimeoutMs,
    }),
    settings: {
      model: config.modelName,
      featureSet: config.featureSet,
      retrainOn: config.retrainOn,
      rollbackOn: config.rollbackOn,
      retrainBy: config.retrainBy,
      retrainDays: config.retrainDays,
      labelDelayDays: config.retrainLabelDelayDays,
      coolDownHours: config.retrainCoolDownHours,
      budget: config.retrainBudget,
    },
    asked: (kind) => metrics.actionAsked(kind),
    logger,
    now: Date.now,
  });
}
