import { once } from 'node:events';
import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnTypescript, startPostgres, waitFor, type OwnedServer } from '@vigia/testing';
import { Client } from 'pg';
import type { AssessmentWriter, WriterEvent, WriterOptions } from './assessment-writer.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow, comparable } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

jest.setTimeout(60_000);

let server: OwnedServer;
let ledger: Ledger;
let spoolDirectory: string;
let events: WriterEvent[];
const writers: AssessmentWriter[] = [];

async function openWriter(options: Partial<WriterOptions> = {}): Promise<AssessmentWriter> {
  const report = (event: WriterEvent) => void events.push(event);
  const writer = await ledger.openWriter({ spoolDirectory, report, ...options });
  writers.push(writer);
  return writer;
}

beforeAll(async () => {
  server = await startPostgres();
  await migrate(server.url);
});

beforeEach(() => {
  events = [];
  spoolDirectory = temporarySpool();
  ledger = Ledger.connect({ url: server.url, questionTimeoutMs: 2_000 });
});

afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close()));
  await ledger.close();
});

afterAll(() => server.stop());

const spoolFiles = () => readdirSync(spoolDirectory).filter((name) => name.startsWith('spool-'));

test('no row is lost or doubled over a kill -9 under load, and repeats get their row throughout', async () => {
  const writer = await openWriter();
  const rows: ReturnType<typeof assessmentRow>[] = [];
  let spooled = 0;
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const row = assessmentRow();
      const result = await writer.record(row);
      rows.push(row);
      if (result.stored !== 'spooled') continue;
      spooled++;
      expect(result.row.degraded).toEqual(['ledger']);
      const repeat = await writer.record({ ...row, decision: 'reject' });
      expect(repeat.stored === 'existing' && repeat.row.decision).toBe('approve');
    }
  };
  const lanes = Promise.all(Array.from({ length: 8 }, lane));
  await waitFor(() => rows.length > 200);
  await server.kill9();
  await waitFor(() => spooled > 200);
  expect(writer.counters()).toMatchObject({ isUp: false });
  await server.restart();
  await waitFor(() => writer.counters().isUp, { timeoutMs: 30_000 });
  isOver = true;
  await lanes;
  await waitFor(() => writer.counters().spoolDepthRows === 0, { timeoutMs: 30_000 });

  const kept = await ledger.assessments(rows.map(({ endToEndId }) => endToEndId));
  expect(kept.size).toBe(rows.length);
  expect(writer.counters()).toMatchObject({ spooledRows: spooled, drainedRows: spooled, quarantinedRows: 0 });
  expect(events.map(({ kind }) => kind)).toEqual(['outage', 'recovered']);
  await waitFor(() => spoolFiles().length === 0);
});

test('a process starts and records while PostgreSQL is away, and the next start drains what it left', async () => {
  await server.kill9();
  const writer = await openWriter();
  const rows = Array.from({ length: 20 }, () => assessmentRow());
  for (const { stored } of await Promise.all(rows.map((row) => writer.record(row)))) expect(stored).toBe('spooled');
  expect(comparable(await writer.assessment(rows[3]!.endToEndId))).toEqual(
    comparable({ ...rows[3]!, degraded: ['ledger'] }),
  );
  await expect(ledger.assessment(rows[3]!.endToEndId)).rejects.toMatchObject({ code: 'dependency_unavailable' });
  await writer.close();

  const second = await openWriter();
  expect(second.counters().spoolDepthRows).toBe(20);
  expect(await second.record(rows[3]!)).toMatchObject({ stored: 'existing' });
  await second.close();

  await server.restart();
  const third = await openWriter();
  await waitFor(() => third.counters().spoolDepthRows === 0);
  expect((await ledger.assessments(rows.map(({ endToEndId }) => endToEndId))).size).toBe(20);
});

test('the spool survives a kill -9 of its process: every answered row comes back', async () => {
  await server.kill9();
  const child = spawnTypescript(join(__dirname, 'record-until-killed.fixture.ts'), [server.url, spoolDirectory]);
  const answered: string[] = [];
  createInterface(child.stdout).on('line', (line) => answered.push(line));
  await waitFor(() => answered.length > 300, { timeoutMs: 30_000 });
  child.kill('SIGKILL');
  await once(child, 'close');

  await server.restart();
  const writer = await openWriter();
  await waitFor(() => writer.counters().spoolDepthRows === 0);
  const ids = answered.map((line) => /^spooled (\w+)$/.exec(line)![1]!);
  expect(writer.counters().drainedRows).toBeGreaterThanOrEqual(ids.length);
  expect((await ledger.assessments(ids)).size).toBe(ids.length);
});

test('a torn tail is passed over; damage within a file is kept for a person and costs only its own record', async () => {
  await server.kill9();
  const writer = await openWriter();
  const rows = Array.from({ length: 5 }, () => assessmentRow());
  for (const row of rows) await writer.record(row);
  await writer.close();
  const [name] = spoolFiles();
  const path = join(spoolDirectory, name!);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  appendFileSync(path, lines[0]!.slice(0, 100));

  const torn = await openWriter();
  expect(torn.counters().spoolDepthRows).toBe(5);
  await torn.close();
  writeFileSync(path, readFileSync(path, 'utf8').replace('"approve"', '"reject!"'));
  await server.restart();
  const damaged = await openWriter();
  await waitFor(() => damaged.counters().drainedRows === 4);
  await waitFor(() => readdirSync(spoolDirectory).includes(`${name}.damaged`));
  expect((await ledger.assessments(rows.map(({ endToEndId }) => endToEndId))).size).toBe(4);
});

test('a server that says nothing is an outage after one timeout, and nobody else waits for it', async () => {
  const writer = await openWriter({ statementTimeoutMs: 300 });
  await writer.record(assessmentRow());
  const blocker = new Client({ connectionString: server.url });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE assessment IN ACCESS EXCLUSIVE MODE');
  const first = assessmentRow();
  expect((await writer.record(first)).stored).toBe('spooled');
  expect(writer.counters().isUp).toBe(false);
  expect((await writer.record(assessmentRow())).stored).toBe('spooled');
  await blocker.query('COMMIT');
  await blocker.end();
  await waitFor(() => writer.counters().isUp && writer.counters().spoolDepthRows === 0);
  expect((await ledger.assessment(first.endToEndId))?.degraded).toEqual(['ledger']);
});

test('a frozen server is an outage too: the client keeps its own time', async () => {
  const writer = await openWriter({ statementTimeoutMs: 300 });
  await writer.record(assessmentRow());
  const backend = await backendOf('vigia ledger writer');
  process.kill(backend, 'SIGSTOP');
  try {
    expect((await writer.record(assessmentRow())).stored).toBe('spooled');
  } finally {
    process.kill(backend, 'SIGCONT');
  }
  await waitFor(() => writer.counters().isUp && writer.counters().spoolDepthRows === 0);
});

test('a spooled row that PostgreSQL refuses goes to quarantine and holds up no other', async () => {
  await server.kill9();
  const writer = await openWriter();
  const rows = [assessmentRow(), assessmentRow({ caller: 'a\0b' }), assessmentRow()];
  for (const row of rows) await writer.record(row);
  await server.restart();
  await waitFor(() => writer.counters().isUp && writer.counters().spoolDepthRows === 0, { timeoutMs: 30_000 });
  expect(writer.counters()).toMatchObject({ drainedRows: 2, quarantinedRows: 1 });
  expect(events.map(({ kind }) => kind)).toContain('quarantined');
  expect(readFileSync(join(spoolDirectory, 'quarantine.ndjson'), 'utf8')).toContain(rows[1]!.endToEndId);
});

test('a second answer to a payment recorded before the outage is kept aside, the first stays', async () => {
  const writer = await openWriter();
  const first = assessmentRow();
  await writer.record(first);
  await server.kill9();
  await waitFor(() => !writer.counters().isUp);
  const second = { ...first, decision: 'reject' as const, decidedAtMs: first.decidedAtMs + 1 };
  expect(await writer.record(second)).toMatchObject({ stored: 'spooled' });
  await server.restart();
  await waitFor(() => writer.counters().quarantinedRows === 1, { timeoutMs: 30_000 });
  await waitFor(() => writer.counters().spoolDepthRows === 0);
  expect(readFileSync(join(spoolDirectory, 'quarantine.ndjson'), 'utf8')).toContain(first.endToEndId);
  expect(await ledger.assessment(first.endToEndId)).toMatchObject({ decision: first.decision });
});

test('with PostgreSQL away and the spool full, a row is refused and not answered', async () => {
  await server.kill9();
  const writer = await openWriter({ spoolMaxRows: 3 });
  for (let i = 0; i < 3; i++) expect((await writer.record(assessmentRow())).stored).toBe('spooled');
  await expect(writer.record(assessmentRow())).rejects.toMatchObject({ code: 'dependency_unavailable' });
  await server.restart();
  await waitFor(() => writer.counters().spoolDepthRows === 0, { timeoutMs: 30_000 });
  expect((await writer.record(assessmentRow())).stored).toBe('new');
});

test('a database without the schema is an outage until it is migrated', async () => {
  const administrator = new Client({ connectionString: server.url });
  await administrator.connect();
  await administrator.query('CREATE DATABASE bare');
  await administrator.end();
  const url = server.url.replace(/postgres$/, 'bare');
  const bare = Ledger.connect({ url });
  const writer = await bare.openWriter({ spoolDirectory });
  writers.push(writer);
  const row = assessmentRow();
  expect((await writer.record(row)).stored).toBe('spooled');
  await migrate(url);
  await waitFor(() => writer.counters().spoolDepthRows === 0, { timeoutMs: 30_000 });
  expect(await bare.assessment(row.endToEndId)).toBeDefined();
  await writer.close();
  await bare.close();
});

test('a second writer on the same spool does not start', async () => {
  await openWriter();
  await expect(openWriter()).rejects.toThrow('in use by process');
  const child = spawnTypescript(join(__dirname, 'record-until-killed.fixture.ts'), [server.url, spoolDirectory]);
  const [code] = await once(child, 'exit');
  expect(code).not.toBe(0);
});

async function backendOf(applicationName: string): Promise<number> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY backend_start DESC LIMIT 1',
    [applicationName],
  );
  await client.end();
  return rows[0]!.pid;
}
