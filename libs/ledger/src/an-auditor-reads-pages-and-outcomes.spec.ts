import type { Outcome } from '@vigia/contracts';
import { TEST_TIME_MS, createTestDatabase, type TestDatabase } from '@vigia/testing';
import type { AssessmentFilter } from './assessment-query.js';
import type { AssessmentRow } from './assessment-row.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

const recording = { caller: 'med-desk', recordedAtMs: TEST_TIME_MS + 90_000_000 };
let database: TestDatabase;
let ledger: Ledger;
let rows: AssessmentRow[];

beforeAll(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  // Three of the same millisecond each, every fifth not approved.
  rows = Array.from({ length: 60 }, (_, i) =>
    assessmentRow(
      { decision: i % 5 === 0 ? 'review' : 'approve' },
      { acceptedAtMs: TEST_TIME_MS + Math.floor(i / 3), side: i % 2 ? 'payer' : 'payee' },
    ),
  );
  await Promise.all(rows.map((row) => writer.record(row)));
  await writer.close();
});

afterAll(async () => {
  await ledger.close();
  await database.drop();
});

async function allPages(filter: Omit<AssessmentFilter, 'after'>): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await ledger.listAssessments(after === undefined ? filter : { ...filter, after });
    expect(page.rows.length).toBeLessThanOrEqual(filter.limit);
    ids.push(...page.rows.map(({ endToEndId }) => endToEndId));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

const newestFirst = (a: AssessmentRow, b: AssessmentRow) =>
  b.acceptedAtMs - a.acceptedAtMs || (a.endToEndId < b.endToEndId ? 1 : -1);

test.each([
  ['all', {}, () => true],
  ['by decision', { decision: 'review' }, (row: AssessmentRow) => row.decision === 'review'],
  ['approved', { decision: 'approve' }, (row: AssessmentRow) => row.decision === 'approve'],
  ['by side', { side: 'payee' }, (row: AssessmentRow) => row.side === 'payee'],
] as const)('pages hold each row once, newest first: %s', async (_, filter, fits) => {
  const expected = rows.filter(fits).sort(newestFirst);
  for (const limit of [1, 7, 60]) {
    const ids = await allPages({ fromMs: TEST_TIME_MS, toMs: TEST_TIME_MS + 1_000, limit, ...filter });
    expect(ids).toEqual(expected.map(({ endToEndId }) => endToEndId));
  }
});

test('the range is closed at its beginning and open at its end', async () => {
  const ids = await allPages({ fromMs: TEST_TIME_MS + 2, toMs: TEST_TIME_MS + 4, limit: 100 });
  expect(ids.sort()).toEqual(
    rows
      .slice(6, 12)
      .map(({ endToEndId }) => endToEndId)
      .sort(),
  );
});

test('a cursor of somebody else is refused', async () => {
  const asked = ledger.listAssessments({ fromMs: 0, toMs: 1, limit: 1, after: 'nonsense' });
  await expect(asked).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field: 'after' }] });
});

function outcomeOf(row: AssessmentRow, overrides: Partial<Outcome> = {}): Outcome {
  return {
    endToEndId: row.endToEndId,
    source: 'med',
    result: 'open',
    situation: 'scam',
    knownAt: new Date(row.acceptedAtMs + 86_400_000).toISOString(),
    ...overrides,
  };
}

test('an outcome counts once, however often and from how many at once it is said', async () => {
  const row = rows[0]!;
  const open = outcomeOf(row);
  const said = await Promise.all(Array.from({ length: 20 }, () => ledger.recordOutcome(open, recording)));
  expect(said.filter((answer) => answer === 'new')).toHaveLength(1);
  const agreed = outcomeOf(row, {
    result: 'agreed',
    fraudMarker: 'mule_account',
    reportId: 'r-1',
    knownAt: new Date(row.acceptedAtMs + 2 * 86_400_000).toISOString(),
  });
  expect(await ledger.recordOutcome(agreed, recording)).toBe('new');
  expect(await ledger.recordOutcome(agreed, { ...recording, caller: 'other' })).toBe('repeated');
  expect(await ledger.outcomes(row.endToEndId)).toEqual(
    [open, agreed].map((outcome) => ({ ...outcome, ...recording, id: expect.stringMatching(/^[0-9]+$/) })),
  );
});

test('an outcome of no payment and one before its payment are refused', async () => {
  const unknown = outcomeOf(assessmentRow());
  await expect(ledger.recordOutcome(unknown, recording)).rejects.toMatchObject({ code: 'unknown_payment' });
  const early = outcomeOf(rows[1]!, { knownAt: new Date(rows[1]!.acceptedAtMs - 1).toISOString() });
  await expect(ledger.recordOutcome(early, recording)).rejects.toMatchObject({ code: 'outcome_before_payment' });
  const atOnce = outcomeOf(rows[1]!, { knownAt: new Date(rows[1]!.acceptedAtMs).toISOString() });
  expect(await ledger.recordOutcome(atOnce, recording)).toBe('new');
});
