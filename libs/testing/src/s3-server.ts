import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, startServer, type OwnedServer } from './server-process.js';

export interface S3Options {
  /** Path of versitygw, which keeps objects as files and checks signatures. */
  binary: string;
  /** Made where they are missing. */
  buckets: string[];
  accessKeyId: string;
  secretAccessKey: string;
  /** Kept after the server ends. Default: a temporary one. */
  dataDirectory?: string;
  /** Default: a free one. */
  port?: number;
}

/** Starts S3-compatible storage on 127.0.0.1. It ends with this process at the latest. */
export async function startS3(options: S3Options): Promise<OwnedServer> {
  const temporaryDirectory = options.dataDirectory ? undefined : mkdtempSync(join(tmpdir(), 'vigia-s3-'));
  const directory = resolve(options.dataDirectory ?? temporaryDirectory!);
  const objects = join(directory, 'objects');
  const metadata = join(directory, 'metadata');
  for (const path of [metadata, ...options.buckets.map((bucket) => join(objects, bucket))])
    mkdirSync(path, { recursive: true });
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  return startServer({
    name: 'S3 (versitygw)',
    url,
    port,
    binary: options.binary,
    args: ['--port', `127.0.0.1:${port}`, '--health', '/health', '--quiet', 'posix', '--sidecar', metadata, objects],
    environment: { ROOT_ACCESS_KEY: options.accessKeyId, ROOT_SECRET_KEY: options.secretAccessKey },
    identity: {},
    workingDirectory: directory,
    logFile: join(directory, 'server.log'),
    ...(temporaryDirectory ? { temporaryDirectory } : {}),
    isReady: () => isHealthy(`${url}/health`),
  });
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
