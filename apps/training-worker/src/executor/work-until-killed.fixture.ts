import { KubeConfig } from '@kubernetes/client-node';
import { JobLogs } from './job-logs.js';
import { KubernetesClient } from './kubernetes-client.js';
import { KubernetesExecutor } from './kubernetes-executor.js';
import { openQueues, startQueueWorker } from './queue-worker.fixture.js';

/** Takes trainings from the queues of a Valkey (argument 5) until somebody kills this process. */
const [kubeconfig, namespace, podTemplate, logs, redisUrl] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const executor = new KubernetesExecutor({
  client: new KubernetesClient(config, { namespace, timeoutMs: 10_000 }),
  logs: new JobLogs(logs),
  podTemplate,
  deadlineSeconds: 600,
  pendingSeconds: 120,
  ttlSeconds: 600,
  lookMs: 200,
  deleteMs: 10_000,
  now: Date.now,
  onAway: () => undefined,
});
void openQueues(redisUrl).then((queues) => startQueueWorker(queues, executor));
