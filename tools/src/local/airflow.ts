import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startServer } from '@vigia/testing';
import { WORKSPACE, createDatabase } from '../stack.js';
import type { LocalSite, RunningExtra } from './extras.js';

const PORT = 8080;
const START_TIMEOUT_MS = 600_000;
const PARTS = ['metadatabase', 'scheduler', 'dag_processor', 'triggerer'] as const;

/** Airflow with the DAGs of pipelines/airflow, its database beside the ledger; monitoring asks it for retraining. */
export async function startAirflow({ stack, ports, anyPort }: LocalSite): Promise<RunningExtra> {
  const binary = join(WORKSPACE, 'pipelines/airflow/.venv/bin/vigia-airflow');
  if (!existsSync(binary)) throw new Error(`no Airflow at ${binary}: npm run stack -- --with airflow sets it up`);
  const home = join(stack.directory, 'airflow');
  mkdirSync(home, { recursive: true });
  const port = anyPort ? await freePort() : PORT;
  const url = `http://127.0.0.1:${port}`;
  const databaseUrl = await createDatabase(stack.databaseUrl, 'vigia_airflow');
  const server = await startServer({
    name: 'Airflow',
    url,
    port,
    binary,
    args: ['--home', home, '--port', String(port), '--database-url', sqlAlchemyUrl(databaseUrl)],
    environment: {
      VIGIA_API_KEY: stack.key,
      VIGIA_FEATURE_STORE_URL: `http://127.0.0.1:${ports['feature-store']}`,
      VIGIA_TRAINING_WORKER_URL: `http://127.0.0.1:${ports['training-worker']}`,
      VIGIA_MONITORING_URL: `http://127.0.0.1:${ports.monitoring}`,
      VIGIA_LEDGER_URL: stack.databaseUrl,
      VIGIA_FEED_DIRECTORY: join(stack.directory, 'feed'),
      VIGIA_LAKE_DIRECTORY: join(stack.directory, 'lake'),
      VIGIA_LAKE_COMMAND: join(WORKSPACE, 'pipelines/.venv/bin/vigia-lake'),
      VIGIA_NODE_COMMAND: process.execPath,
      VIGIA_LAKE_EXPORT: join(WORKSPACE, 'tools/dist/lake-export.js'),
    },
    identity: {},
    workingDirectory: home,
    logFile: join(home, 'start.log'),
    // Its parts, too, should it be killed itself.
    wholeGroup: true,
    startTimeoutMs: START_TIMEOUT_MS,
    isReady: () => isHealthy(url),
  });
  return {
    addresses: { airflow: url },
    settings: { monitoring: { RETRAIN_BY: 'airflow', AIRFLOW_URL: url } },
    stop: () => server.stop(),
  };
}

function sqlAlchemyUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  return `postgresql+psycopg2://${url.href.slice(url.protocol.length + 2)}`;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/v2/monitor/health`, { signal: AbortSignal.timeout(5_000) });
    const health = (await answer.json()) as Record<string, { status: string | null }>;
    return PARTS.every((part) => health[part]?.status === 'healthy');
  } catch {
    return false;
  }
}
