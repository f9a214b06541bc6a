import { join } from 'node:path';
import { freePort } from '@vigia/testing';
import { WORKSPACE, startApp, type MlflowStack, type RunningApp } from '../stack.js';

export interface ServicePorts {
  scoring: number;
  scoringGrpc: number;
  ingestion: number;
  'feature-store': number;
  featureStoreGrpc: number;
  'training-worker': number;
  monitoring: number;
}

/** Where the services listen by themselves. */
export const DEFAULT_PORTS: ServicePorts = {
  scoring: 3001,
  scoringGrpc: 4001,
  ingestion: 3002,
  'feature-store': 3003,
  featureStoreGrpc: 4003,
  'training-worker': 3004,
  monitoring: 3005,
};

export const APPS = ['scoring', 'ingestion', 'feature-store', 'training-worker', 'monitoring'] as const;
export type AppName = (typeof APPS)[number];

/** Ports that nobody listens on now. */
export async function freePorts(): Promise<ServicePorts> {
  const ports = { ...DEFAULT_PORTS };
  for (const name of Object.keys(ports) as (keyof ServicePorts)[]) ports[name] = await freePort();
  return ports;
}

/**
 * Starts every service on the servers of the stack, one after the other; each is in `started` as soon as it runs.
 * @param extra settings that other parts of the local stack add, by app
 */
export async function startServices(
  stack: MlflowStack,
  ports: ServicePorts,
  started: RunningApp[],
  extra: Partial<Record<AppName, Record<string, string>>> = {},
): Promise<void> {
  const settings = settingsOf(stack, ports);
  for (const name of APPS) {
    const environment = { ...settings[name], PORT: String(ports[name]), ...extra[name] };
    const readyUrl = `http://127.0.0.1:${ports[name]}/health/ready`;
    started.push(await startApp(name, join(stack.directory, 'logs'), environment, readyUrl));
  }
}

function settingsOf(stack: MlflowStack, ports: ServicePorts): Record<AppName, Record<string, string>> {
  const path = (name: string): string => join(stack.directory, name);
  const common = {
    HOST: '127.0.0.1',
    DATABASE_URL: stack.databaseUrl,
    REDIS_URL: stack.redisUrl,
    API_KEYS_FILE: stack.apiKeysFile,
    SHUTDOWN_GRACE_MS: '0',
    // Everything runs on one machine: a busy moment must not refuse requests.
    MAX_LOOP_DELAY_MS: '5000',
    REDIS_TIMEOUT_MS: '5000',
  };
  const registry = { MLFLOW_URL: stack.mlflowUrl };
  const pseudonyms = { PSEUDONYM_SECRET: stack.pseudonymSecret };
  const trainingSets = { TRAINING_SET_DIRECTORY: path('training-sets') };
  return {
    scoring: {
      ...common,
      ...registry,
      ...pseudonyms,
      GRPC_PORT: String(ports.scoringGrpc),
      MODEL_URI: 'models:/pix-fraud@champion',
      CHALLENGER_URI: 'models:/pix-fraud@challenger',
      MODEL_CACHE_DIRECTORY: path('models'),
      POLICY_CACHE_DIRECTORY: path('policies'),
      SPOOL_DIRECTORY: path('spool'),
    },
    ingestion: {
      ...common,
      SCORING_ADDRESS: `127.0.0.1:${ports.scoringGrpc}`,
      SCORING_API_KEY: stack.key,
    },
    'feature-store': {
      ...common,
      ...pseudonyms,
      ...trainingSets,
      GRPC_PORT: String(ports.featureStoreGrpc),
      OFFLINE_DIRECTORY: path('offline'),
      AUDIT_DIRECTORY: path('audits'),
    },
    'training-worker': {
      ...common,
      ...registry,
      ...trainingSets,
      WORK_DIRECTORY: path('training'),
      TRAINER_DIRECTORY: join(WORKSPACE, 'pipelines/.venv/bin'),
    },
    monitoring: { ...common, ...registry, BUNDLE_DIRECTORY: path('bundles') },
  };
}
