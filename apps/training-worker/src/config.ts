import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { serviceSettings } from '@vigia/platform';
import { credentialSettings } from '@vigia/registry';
import { z } from 'zod';
import { COMMANDS } from './executor/executor.js';

const count = z.coerce.number().int().positive();

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Settings of the training worker, from the environment. */
export const trainingWorkerConfig = serviceSettings.extend({
  port: serviceSettings.shape.port.unwrap().default(3004).describe('TCP port of HTTP; 0 takes a free one.'),
  redisUrl: z
    .string()
    .default('redis://127.0.0.1:6379')
    .describe('Valkey or Redis >= 7 that holds the queues of jobs.'),
  redisTimeoutMs: count.default(1_000).describe('Time after which a queue counts as away, ms.'),
  queuePrefix: z
    .string()
    .default('{vigia}:jobs')
    .describe('First part of every key of the queues; in braces what keeps them on one node of a Cluster.'),
  jobLockSeconds: count
    .min(2)
    .default(30)
    .describe('Silence after which a worker counts as dead and its job begins anew elsewhere, seconds.'),
  databaseUrl: z
    .string()
    .meta({ secret: true, description: 'PostgreSQL >= 15 that holds the record, as postgres://user@host/database.' }),
  databaseTimeoutMs: count.default(30_000).describe('Time after which a query counts as failed, ms.'),
  mlflowUrl: z.url().default('http://127.0.0.1:5000').describe('MLflow server: runs, artifacts and the registry.'),
  mlflowTimeoutMs: count.default(10_000).describe('Time after which a question to MLflow counts as failed, ms.'),
  ...credentialSettings,
  mlflowExperiment: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$/, 'must be 1 to 100 of A-Z a-z 0-9 . _ - and blank')
    .default('vigia')
    .describe('Experiment of MLflow that the runs belong to.'),
  trainingSetDirectory: z
    .string()
    .default('.vigia/training-sets')
    .describe('Directory of the training sets, one directory each, as the feature store writes them.'),
  workDirectory: z
    .string()
    .default('.vigia/training')
    .describe('Directory of the logs of jobs, of bundles in the making and of those fetched; workers may share it.'),
  executor: z
    .enum(['process', 'kubernetes'])
    .default('process')
    .describe('Where trainings and the gate run: beside the worker, or each as a Job of Kubernetes.'),
  kubernetesNamespace: z
    .string()
    .default('')
    .describe('Namespace of the Jobs; empty takes that of the kubeconfig, or of the pod that the worker runs in.'),
  kubernetesPodTemplate: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,41}[a-z0-9])?$/, 'must be a name of Kubernetes of at most 43 characters')
    .default('vigia-trainer')
    .describe(
      'PodTemplate of the Jobs, whose first container gets the command as arguments. It needs the directories of training sets and of work at the same absolute paths.',
    ),
  kubernetesTimeoutMs: count.default(10_000).describe('Time after which a question to the API server failed, ms.'),
  kubernetesPendingSeconds: count
    .default(1_800)
    .describe('Time that a pod may wait for a node, its image or a quota before the attempt fails, seconds.'),
  kubernetesDeadlineSeconds: count
    .default(21_600)
    .describe('Time after which Kubernetes ends a Job, its wait included, seconds.'),
  kubernetesTtlSeconds: count
    .default(86_400)
    .describe('Time that a Job which is over can be looked at in Kubernetes, seconds.'),
  trainerDirectory: z
    .string()
    .default('pipelines/.venv/bin')
    .refine((directory) => COMMANDS.every((command) => isExecutable(join(directory, command))), {
      error: `must hold ${COMMANDS.join(' and ')}; npm test or npm run demo set them up`,
    })
    .describe('Directory of the commands of the Python package.'),
  trainerGraceMs: count
    .max(4_500)
    .default(3_000)
    .describe('Time that a command gets to end in order when it is told to, ms; then it is killed.'),
  trainingDevice: z
    .enum(['cpu', 'cuda'])
    .default('cpu')
    .describe(
      'Where trainings compute. A process trains one model at a time: one process a GPU, which CUDA_VISIBLE_DEVICES names.',
    ),
  trainingThreads: count.max(256).default(1).describe('Threads of a training; on a busy machine 1 is fastest.'),
  sparkMaster: z
    .string()
    .regex(
      /^(local\[[1-9][0-9]{0,2}\]|spark:\/\/\S+|k8s:\/\/\S+|yarn)$/,
      'must be local[N], spark://…, k8s://… or yarn',
    )
    .default('local[1]')
    .describe('Where trainings of the families spark_* run: cores of this machine, or a cluster that can reach it.'),
  sparkMemoryMb: count.min(512).default(2_048).describe("Greatest heap of Spark's driver in such a training, MiB."),
  gateLimitsFile: z.string().default('').describe('YAML file of the limits of the gate; empty takes those that ship.'),
  minimumShadowHours: z.coerce
    .number()
    .min(0)
    .default(24)
    .describe('Time between first and last shadow score before a version may become the champion, hours.'),
  minimumShadowScores: z.coerce
    .number()
    .int()
    .min(0)
    .default(1_000)
    .describe('Payments scored in shadow before a version may become the champion.'),
  gaugeRefreshSeconds: count
    .default(60)
    .describe('Time between looks at the queues, for the metrics and for runs of jobs that were given up, seconds.'),
  apiKeysFile: z.string().default('.vigia/api-keys.json').describe('JSON file of the API keys: hashed, with scopes.'),
});
export type TrainingWorkerConfig = z.output<typeof trainingWorkerConfig>;
