import { join } from 'node:path';
import { freePort } from '@vigia/testing';
import type { PreparedWorld } from './preparation.js';
import { startApp, type RunningApp, type Stack } from './stack.js';
import type { World } from './world.js';

export interface ServicePorts {
  scoring: number;
  grpc: number;
  ingestion: number;
}

/** Ports that nobody listens on now. */
export async function freePorts(): Promise<ServicePorts> {
  return { scoring: await freePort(), grpc: await freePort(), ingestion: await freePort() };
}

/**
 * Starts scoring and ingestion on a prepared world and waits until both are ready.
 * @param model where scoring takes its models from, as in its environment; the bundle of the prepared world by default
 */
export async function startServices(
  world: World,
  stack: Stack,
  prepared: PreparedWorld,
  ports: ServicePorts,
  model: Record<string, string> = { MODEL_URI: `file:${prepared.bundle}` },
): Promise<RunningApp[]> {
  const logs = join(stack.directory, 'logs');
  const common = {
    HOST: '127.0.0.1',
    DATABASE_URL: stack.databaseUrl,
    REDIS_URL: stack.redisUrl,
    REDIS_PREFIX: prepared.prefix,
    FEATURE_SET: world.name,
    API_KEYS_FILE: stack.apiKeysFile,
    SHUTDOWN_GRACE_MS: '0',
    // Everything runs on one machine: a busy moment must not refuse payments.
    MAX_LOOP_DELAY_MS: '5000',
    REDIS_TIMEOUT_MS: '500',
  };
  const scoring = await startApp(
    'scoring',
    logs,
    {
      ...common,
      PORT: String(ports.scoring),
      GRPC_PORT: String(ports.grpc),
      PSEUDONYM_SECRET: stack.pseudonymSecret,
      ...model,
      SPOOL_DIRECTORY: join(stack.directory, 'spool'),
      POLICY_CACHE_DIRECTORY: join(stack.directory, 'policies'),
      // The simulated day is not today.
      CLOCK_TOLERANCE_HOURS: '200000',
    },
    `http://127.0.0.1:${ports.scoring}/health/ready`,
  );
  const ingestion = await startApp(
    'ingestion',
    logs,
    {
      ...common,
      PORT: String(ports.ingestion),
      SCORING_ADDRESS: `127.0.0.1:${ports.grpc}`,
      SCORING_API_KEY: stack.key,
    },
    `http://127.0.0.1:${ports.ingestion}/health/ready`,
  );
  return [scoring, ingestion];
}
