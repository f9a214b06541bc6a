import { createTestDatabase, testEndToEndId, waitFor, type TestDatabase } from '@vigia/testing';
import fc from 'fast-check';
import { Client } from 'pg';
import { DAY_MS, dayName, epochDay, epochDayOf } from './day.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations.js';
import { assessmentRow, comparable } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

const NAMES = MIGRATIONS.map(({ name }) => name);
let database: TestDatabase;
let client: Client;

beforeEach(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await database.drop();
});

async function partitionOf(endToEndId: string): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT tableoid::regclass::text AS name FROM assessment WHERE end_to_end_id = $1',
    [endToEndId],
  );
  return rows[0]?.name;
}

test('migrations run once, also when many start at once', async () => {
  const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url)));
  expect(applied.flat()).toEqual(NAMES);
  expect(await migrate(database.url)).toEqual([]);
});

test('an applied migration with other content stops the start', async () => {
  await migrate(database.url);
  await client.query("UPDATE ledger_migration SET digest = 'other' WHERE name = $1", [NAMES[0]]);
  await expect(migrate(database.url)).rejects.toThrow(`${NAMES[0]} was applied with other content`);
});

test('a partition takes over what the default one held, while a writer goes on', async () => {
  await migrate(database.url);
  const ledger = Ledger.connect({ url: database.url });
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  const before = assessmentRow();
  await writer.record(before);
  expect(await partitionOf(before.endToEndId)).toBe('assessment_default');

  const during = Array.from({ length: 100 }, () => assessmentRow());
  const [made, more] = await Promise.all([
    ledger.ensurePartitions('2026-11-19', '2026-11-21'),
    ledger.ensurePartitions('2026-11-20', '2026-11-22'),
    ...during.map((row) => writer.record(row)),
  ]);
  expect([...made, ...more].sort()).toEqual(['2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22']);
  for (const row of [before, ...during]) expect(await partitionOf(row.endToEndId)).toBe('assessment_20261120');
  expect(comparable(await ledger.assessment(before.endToEndId))).toEqual(comparable(before));
  expect(await writer.record(before)).toMatchObject({ stored: 'existing' });
  expect(await ledger.ensurePartitions('2026-11-19', '2026-11-22')).toEqual([]);

  // A moved day keeps its rules.
  await expect(client.query('UPDATE assessment_20261120 SET caller = NULL')).rejects.toThrow('never changed');
  await writer.close();
  await ledger.close();
});

test('a lone row that was on its way to the default partition finds the one attached meanwhile', async () => {
  await migrate(database.url);
  const ledger = Ledger.connect({ url: database.url });
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  // The row waits at the locked default partition; the partition of its day is attached before the lock goes.
  await client.query('BEGIN; LOCK TABLE assessment_default IN ACCESS EXCLUSIVE MODE');
  const row = assessmentRow();
  const recording = writer.record(row);
  await waitFor(async () => {
    const { rowCount } = await client.query(
      "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'assessment_default'::regclass",
    );
    return rowCount === 1;
  });
  await client.query(`CREATE TABLE assessment_20261120 (LIKE assessment INCLUDING ALL);
    ALTER TABLE assessment ATTACH PARTITION assessment_20261120 FOR VALUES FROM ('2026-11-20') TO ('2026-11-21');
    COMMIT`);
  expect(await recording).toEqual({ stored: 'new' });
  expect(await partitionOf(row.endToEndId)).toBe('assessment_20261120');
  await writer.close();
  await ledger.close();
});

test('an id whose digits are no date lies by its acceptance and is found by id', async () => {
  await migrate(database.url);
  const ledger = Ledger.connect({ url: database.url });
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  await ledger.ensurePartitions('2026-11-20', '2026-11-20');
  const endToEndId = 'E12345678202613392359abcdefghijk';
  await writer.record(assessmentRow({}, { endToEndId }));
  expect(await partitionOf(endToEndId)).toBe('assessment_20261120');
  expect(await ledger.assessment(endToEndId)).toMatchObject({ endToEndId });
  await writer.close();
  await ledger.close();
});

test('a span of days that is none is refused before anything is made', async () => {
  const ledger = Ledger.connect({ url: database.url });
  await expect(ledger.ensurePartitions('2026-02-30', '2026-03-01')).rejects.toThrow(RangeError);
  await expect(ledger.ensurePartitions('2026-01-01', '2046-01-01')).rejects.toThrow(RangeError);
  await ledger.close();
});

test('the day is the UTC date inside the EndToEndId, whatever the acceptance', () => {
  const fourDigitYears = { min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) };
  fc.assert(
    fc.property(fc.integer(fourDigitYears), fc.integer(fourDigitYears), (atMs, acceptedAtMs) => {
      const day = epochDayOf(testEndToEndId(1, atMs), acceptedAtMs);
      expect(day).toBe(Math.floor(atMs / DAY_MS));
      expect(epochDay(dayName(day))).toBe(day);
    }),
  );
});
