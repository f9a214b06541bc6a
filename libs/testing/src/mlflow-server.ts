import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, startServer, type OwnedServer } from './server-process.js';

export interface MlflowOptions {
  /** Kept after the server ends. Default: a temporary one. */
  dataDirectory?: string;
  /** Default: a free one. */
  port?: number;
  /** Where runs and versions are kept, as MLflow takes it. Default: SQLite in the data directory. */
  backendStoreUri?: string;
  /** Where artifacts are kept, as MLflow takes it. Default: a folder of the data directory. */
  artifactsDestination?: string;
}

/** Starts an MLflow tracking server and registry on 127.0.0.1. It ends with this process at the latest. */
export async function startMlflow(options: MlflowOptions = {}): Promise<OwnedServer> {
  const temporaryDirectory = options.dataDirectory ? undefined : mkdtempSync(join(tmpdir(), 'vigia-mlflow-'));
  const directory = resolve(options.dataDirectory ?? temporaryDirectory!);
  mkdirSync(directory, { recursive: true });
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  return startServer({
    name: 'MLflow',
    url,
    port,
    binary: mlflowBinary(),
    args: [
      'server',
      ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', options.backendStoreUri ?? `sqlite:///${join(directory, 'mlflow.db')}`],
      ...['--artifacts-destination', options.artifactsDestination ?? join(directory, 'artifacts')],
      // Its 5 s end a connection just as a busy machine comes to use it again.
      ...['--uvicorn-opts', '--timeout-keep-alive 60'],
    ],
    // Its job executor would take eight more processes and 2 GB.
    environment: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' },
    identity: {},
    workingDirectory: directory,
    logFile: join(directory, 'server.log'),
    ...(temporaryDirectory ? { temporaryDirectory } : {}),
    wholeGroup: true,
    startTimeoutMs: 120_000,
    isReady: () => isHealthy(`${url}/health`),
  });
}

function mlflowBinary(): string {
  const binary = resolve(__dirname, '../../../pipelines/.venv/bin/mlflow');
  if (existsSync(binary)) return binary;
  throw new Error(`no MLflow at ${binary}: run npm test or npm run demo once, they set it up`);
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
