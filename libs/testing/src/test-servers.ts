import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { Client } from 'pg';
import { startMlflow } from './mlflow-server.js';
import { startPostgres } from './postgres-server.js';
import { startValkey } from './valkey-server.js';

/**
 * Addresses of the servers of this process. Jest gives each spec file its own globals and modules, but the core modules
 * are the process's own: kept on one of them, a server is started once for all spec files of a worker.
 */
const addresses = ((os as unknown as Record<symbol, Map<string, Promise<string>>>)[Symbol.for('vigia.testing')] ??=
  new Map());

/** URL of an administrator of the tests' PostgreSQL: VIGIA_TEST_DATABASE_URL, else a server that ends with the process. */
export function postgresServer(): Promise<string> {
  return once('postgres', async () => {
    const given = process.env['VIGIA_TEST_DATABASE_URL'];
    // A test's data need not outlive the machine; tests of durability start a server of their own.
    return given ?? (await startPostgres({ settings: { fsync: 'off', shared_buffers: '32MB' } })).url;
  });
}

/** URL of the tests' Valkey: VIGIA_TEST_REDIS_URL, else a server that ends with the process. Keys begin with {@link testPrefix}. */
export function valkeyServer(): Promise<string> {
  return once('valkey', async () => process.env['VIGIA_TEST_REDIS_URL'] ?? (await startValkey()).url);
}

/**
 * URL of the tests' MLflow: VIGIA_TEST_MLFLOW_URL, else a server that ends with the process. Names of models and
 * experiments are the tests' own. It takes about 12 s and 550 MB: suites that need it are few.
 */
export function mlflowServer(): Promise<string> {
  return once('mlflow', async () => process.env['VIGIA_TEST_MLFLOW_URL'] ?? (await startMlflow()).url);
}

/** A key prefix that no other test has. */
export function testPrefix(): string {
  return `t${randomUUID().slice(0, 13)}:`;
}

export interface TestDatabase {
  url: string;
  /** Also ends the connections that are still open. */
  drop(): Promise<void>;
}

/** A fresh, empty database for one spec file; `migrate` gets its URL. */
export async function createTestDatabase(migrate?: (url: string) => Promise<unknown>): Promise<TestDatabase> {
  const administrator = await postgresServer();
  const name = `vigia_test_${randomUUID().replaceAll('-', '')}`;
  await execute(administrator, `CREATE DATABASE ${name}`);
  const url = new URL(administrator);
  url.pathname = `/${name}`;
  await migrate?.(url.href);
  return { url: url.href, drop: () => execute(administrator, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function once(name: string, start: () => Promise<string>): Promise<string> {
  const known = addresses.get(name) ?? start();
  addresses.set(name, known);
  return known;
}
