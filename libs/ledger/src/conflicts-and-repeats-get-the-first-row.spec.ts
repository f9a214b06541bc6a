import { createTestDatabase, type TestDatabase } from '@vigia/testing';
import { Client } from 'pg';
import type { AssessmentWriter, Recorded, WriterOptions } from './assessment-writer.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow, comparable } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

let database: TestDatabase;
let ledger: Ledger;
const writers: AssessmentWriter[] = [];

async function openWriter(options: Partial<WriterOptions> = {}): Promise<AssessmentWriter> {
  const spoolDirectory = temporarySpool();
  const writer = await ledger.openWriter({ spoolDirectory, ...options });
  writers.push(writer);
  return writer;
}

beforeAll(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
});

afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close()));
});

afterAll(async () => {
  await ledger.close();
  await database.drop();
});

test('50 repeats at once: one is new, all others get its row', async () => {
  const writer = await openWriter();
  const row = assessmentRow();
  const results = await Promise.all(Array.from({ length: 50 }, () => writer.record({ ...row })));
  expect(results.filter(({ stored }) => stored === 'new')).toHaveLength(1);
  for (const result of results)
    if (result.stored === 'existing') expect(comparable(result.row)).toEqual(comparable(row));
  expect(writer.counters()).toMatchObject({ committedRows: 1, existingRows: 49, inFlightRows: 0 });
});

test('other content under a known id gets the first row, within a process and across two', async () => {
  const [one, other] = [await openWriter(), await openWriter()];
  const row = assessmentRow();
  const conflicting = { ...row, decision: 'reject' as const, contentSha256: new Uint8Array(32) };
  expect(await one.record(row)).toEqual({ stored: 'new' });
  for (const writer of [one, other]) {
    const result = await writer.record(conflicting);
    expect(result.stored).toBe('existing');
    expect(comparable(rowOf(result))).toEqual(comparable(row));
  }
  expect((await ledger.assessment(row.endToEndId))?.decision).toBe('approve');
});

test('two processes race for the same ids: each id is new once', async () => {
  const [one, other] = [await openWriter(), await openWriter()];
  const rows = Array.from({ length: 200 }, () => assessmentRow());
  const results = await Promise.all(
    rows.flatMap((row) => [one.record({ ...row, caller: 'one' }), other.record({ ...row, caller: 'other' })]),
  );
  expect(results.filter(({ stored }) => stored === 'new')).toHaveLength(200);
  const kept = await ledger.assessments(rows.map(({ endToEndId }) => endToEndId));
  results.forEach((result, i) => {
    const { caller } = kept.get(rows[i >> 1]!.endToEndId)!;
    expect(rowOf(result)?.caller ?? (i % 2 ? 'other' : 'one')).toBe(caller);
  });
});

test('64 in parallel, many times: every row is there, in fewer batches than rows', async () => {
  const writer = await openWriter();
  const ids: string[] = [];
  const client = async () => {
    for (let i = 0; i < 40; i++) {
      const row = assessmentRow();
      expect((await writer.record(row)).stored).toBe('new');
      ids.push(row.endToEndId);
    }
  };
  await Promise.all(Array.from({ length: 64 }, client));
  expect((await ledger.assessments(ids)).size).toBe(64 * 40);
  expect(writer.counters().committedRows).toBe(64 * 40);
  expect(writer.counters().batches).toBeLessThan((64 * 40) / 4);
});

test('a row that PostgreSQL refuses fails alone', async () => {
  const writer = await openWriter();
  const good = Array.from({ length: 9 }, () => assessmentRow());
  const clear = assessmentRow();
  clear.payment = { ...clear.payment, payer: { ...clear.payment.payer, person: '11144477735' } };
  const nul = assessmentRow({ caller: 'a\0b' });
  const [refused, impossible, ...stored] = await Promise.allSettled(
    [clear, nul, ...good].map((row) => writer.record(row)),
  );
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
  expect(String((refused as PromiseRejectedResult).reason)).not.toContain('11144477735');
  expect(impossible).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
  for (const result of stored) expect(result).toMatchObject({ value: { stored: 'new' } });
  expect(writer.counters()).toMatchObject({ isUp: true, spooledRows: 0 });
});

test.each(['taxId', 'name'])('a party with %s in clear has no way in', async (field) => {
  const writer = await openWriter();
  const row = assessmentRow();
  row.payment = { ...row.payment, payee: { ...row.payment.payee, ...{ [field]: 'x' } } };
  await expect(writer.record(row)).rejects.toMatchObject({ code: 'internal' });
});

test('more rows on their way than allowed are refused as overload', async () => {
  const writer = await openWriter({ maxInFlight: 8 });
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => writer.record(assessmentRow())));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
  expect(results[9]).toMatchObject({ reason: { code: 'overloaded', kind: 'weather' } });
  expect((await writer.record(assessmentRow())).stored).toBe('new');
});

test('close waits for the rows on their way and then refuses', async () => {
  const writer = await openWriter({ maxBatch: 4 });
  const rows = Array.from({ length: 50 }, () => assessmentRow());
  const recording = Promise.all(rows.map((row) => writer.record(row)));
  await writer.close();
  for (const { stored } of await recording) expect(stored).toBe('new');
  await expect(writer.record(assessmentRow())).rejects.toMatchObject({ code: 'shutting_down' });
  expect((await ledger.assessments(rows.map(({ endToEndId }) => endToEndId))).size).toBe(50);
});

test('a record can be added and not be changed', async () => {
  const writer = await openWriter();
  await writer.record(assessmentRow());
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await expect(client.query("UPDATE assessment SET decision = 'approve'")).rejects.toThrow('never changed');
  await client.end();
});

function rowOf(result: Recorded) {
  return result.stored === 'new' ? undefined : result.row;
}
