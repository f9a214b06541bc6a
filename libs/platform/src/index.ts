export { ConfigError, environmentName, parseConfig, settingsOf, type SettingLine } from './config.js';
export { LOG_LEVELS, NestLogger, createLogger, describeError, logFault, type LogLevel, type Logger } from './log.js';
export { LATENCY_BUCKETS_S, Metrics, type MetricLine } from './metrics.js';
export { Health, type HealthCheck, type Readiness } from './health.js';
export { Admission, type AdmissionLimits } from './overload.js';
export {
  ApiKeys,
  apiKeysFile,
  apiScope,
  digestApiKey,
  mintApiKey,
  type ApiKeyEntry,
  type ApiScope,
} from './api-keys.js';
export { ApiKeyGuard, Caller, Scope } from './api-key-guard.js';
export { Pseudonymiser, type IdentifierKind } from './pseudonymiser.js';
export {
  faultOfProblem,
  grpcStatusOf,
  invalidRequest,
  problemHeaders,
  problemOf,
  toFault,
  type Problem,
} from './problem.js';
export { ProblemFilter, faultOfGrpcError } from './problem-filter.js';
export { MAX_JSON_DEPTH, parseJsonBody } from './json-body.js';
export { serviceSettings, type ServiceSettings } from './service-settings.js';
export { LOGGER, runService, startService, type Service, type ServiceOptions } from './service.js';
export {
  JOB_STATES,
  JobQueues,
  type JobProgress,
  type JobState,
  type JobView,
  type QueueSettings,
  type ScheduledPayloads,
} from './queues.js';
export { JobWorker, type JobHandlers, type JobWorkerParts } from './job-worker.js';
export { jobIdOf, type Asking } from './idempotency-key.js';
export { JobRunner } from './job-runner.js';
export { JobSchedule } from './job-schedule.js';
export { GaugeRefresh } from './gauge-refresh.js';
export { JobMetrics, type JobEnd } from './job-metrics.js';
