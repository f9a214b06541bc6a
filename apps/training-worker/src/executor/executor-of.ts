import type { Logger } from '@vigia/platform';
import type { TrainingWorkerConfig } from '../config.js';
import type { Executor } from './executor.js';
import type { JobLogs } from './job-logs.js';
import { KubernetesExecutor } from './kubernetes-executor.js';
import { ProcessExecutor } from './process-executor.js';

/** Time between two looks at a Job, ms. */
const LOOK_MS = 2_000;
/** For so long a cancelled Job is tried to delete, ms. */
const DELETE_MS = 120_000;

/** The executor that the settings ask for. */
export async function executorOf(config: TrainingWorkerConfig, logs: JobLogs, logger: Logger): Promise<Executor> {
  const now = Date.now;
  if (config.executor === 'process') {
    return new ProcessExecutor({ directory: config.trainerDirectory, logs, graceMs: config.trainerGraceMs, now });
  }
  // Not before it is needed: it holds the whole API of Kubernetes.
  const { KubernetesClient } = await import('./kubernetes-client.js');
  return new KubernetesExecutor({
    client: KubernetesClient.open({ namespace: config.kubernetesNamespace, timeoutMs: config.kubernetesTimeoutMs }),
    logs,
    podTemplate: config.kubernetesPodTemplate,
    deadlineSeconds: config.kubernetesDeadlineSeconds,
    pendingSeconds: config.kubernetesPendingSeconds,
    ttlSeconds: config.kubernetesTtlSeconds,
    lookMs: LOOK_MS,
    deleteMs: DELETE_MS,
    now,
    onAway: (error, jobId) => logger.warn({ err: error, jobId }, 'the API server of Kubernetes does not answer'),
  });
}
