import { createTestDatabase, type TestDatabase } from '@vigia/testing';
import fc from 'fast-check';
import type { AssessmentWriter } from './assessment-writer.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow, comparable } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

let database: TestDatabase;
let ledger: Ledger;
let writer: AssessmentWriter;

beforeAll(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
  writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
});

afterAll(async () => {
  await writer.close();
  await ledger.close();
  await database.drop();
});

test('every column, NaN and negative zero included', async () => {
  const row = assessmentRow();
  expect(await writer.record(row)).toEqual({ stored: 'new' });
  const read = await ledger.assessment(row.endToEndId);
  expect(comparable(read)).toEqual(comparable(row));
  expect(Object.is(read!.vector[2], -0)).toBe(true);
});

test('what may be absent', async () => {
  const row = assessmentRow({
    probability: null,
    margin: null,
    model: null,
    vector: new Float32Array(),
    effective: {},
  });
  await writer.record(row);
  expect(comparable(await ledger.assessment(row.endToEndId))).toEqual(comparable(row));
});

test('any text, number and instant', async () => {
  const anyText = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  const anyRow = fc.record({
    caller: anyText,
    rules: fc.array(anyText),
    warnings: fc.array(anyText),
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    margin: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    decidedAtMs: fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2100, 0, 1) }),
    vector: fc.float32Array(),
  });
  await fc.assert(
    fc.asyncProperty(anyRow, async (fields) => {
      const row = assessmentRow(fields);
      await writer.record(row);
      expect(comparable(await ledger.assessment(row.endToEndId))).toEqual(comparable(row));
    }),
    { numRuns: 50 },
  );
});
