import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Redis from 'ioredis';
import { Client } from 'pg';
import { startPostgres } from './postgres-server.js';
import { createTestDatabase, postgresServer, testPrefix, valkeyServer } from './test-servers.js';
import { startValkey } from './valkey-server.js';
import { startServer } from './server-process.js';
import { spawnTypescript } from './typescript-child.js';
import { waitFor } from './wait-for.js';

jest.setTimeout(60_000);

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test('PostgreSQL keeps what was committed over a kill -9', async () => {
  const server = await startPostgres();
  try {
    await query(server.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    const before = server.pid;
    await server.kill9();
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow();
    await server.restart();
    expect(server.pid).not.toBe(before);
    expect(await query(server.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  } finally {
    await server.stop();
  }
  expect(await answers(server.url)).toBe(false);
});

test('Valkey with an append-only file keeps its keys over a restart', async () => {
  const server = await startValkey({ settings: { appendonly: 'yes', appendfsync: 'always' } });
  try {
    const client = new Redis(server.url);
    await client.set('a', '1');
    await server.restart();
    expect(await client.get('a')).toBe('1');
    client.disconnect();
  } finally {
    await server.stop();
  }
});

test('test databases are apart, on one server a process', async () => {
  expect(await postgresServer()).toBe(await postgresServer());
  const migrated = await createTestDatabase((url) => query(url, 'CREATE TABLE only_here (n int)'));
  const empty = await createTestDatabase();
  expect(await query(migrated.url, 'SELECT n FROM only_here')).toEqual([]);
  await expect(query(empty.url, 'SELECT n FROM only_here')).rejects.toThrow('does not exist');
  await Promise.all([migrated.drop(), empty.drop()]);
  await expect(query(empty.url, 'SELECT 1')).rejects.toThrow('does not exist');
});

test('the shared Valkey runs functions, and prefixes are apart', async () => {
  const client = new Redis(await valkeyServer());
  expect(String(await client.call('FUNCTION', 'LIST', 'LIBRARYNAME', testPrefix()))).toBe('');
  expect(testPrefix()).not.toBe(testPrefix());
  client.disconnect();
});

test('a server whose binary ends at once is an error that shows its log', async () => {
  const start = startServer({
    name: 'Nothing',
    url: '',
    port: 0,
    binary: '/no/such/binary',
    args: [],
    identity: {},
    workingDirectory: '/',
    logFile: '/dev/null',
    isReady: async () => false,
  });
  await expect(start).rejects.toThrow('/no/such/binary');
});

test('a server ends with the process that started it, killed -9', async () => {
  const starter = spawnTypescript(join(__dirname, 'start-postgres.fixture.ts'));
  const [line] = (await once(starter.stdout, 'data')) as [Buffer];
  const url = line.toString().trim();
  await query(url, 'SELECT 1');
  starter.kill('SIGKILL');
  await waitFor(async () => !(await answers(url)));
});

test.each(['stop', 'kill9'])('a starter that ends after %s leaves no directory behind', async (how) => {
  const temporary = mkdtempSync(join(tmpdir(), 'vigia-starter-'));
  chmodSync(temporary, 0o755);
  const starter = spawnTypescript(join(__dirname, 'stop-postgres.fixture.ts'), [how], { TMPDIR: temporary });
  expect(await once(starter, 'exit')).toEqual([0, null]);
  await waitFor(() => readdirSync(temporary).length === 0);
  rmdirSync(temporary);
});

function answers(url: string): Promise<boolean> {
  return query(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}
