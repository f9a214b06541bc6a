import type { PseudonymousPayment } from '@vigia/contracts';
import { createTestDatabase, testPseudonym, type DeepPartial, type TestDatabase } from '@vigia/testing';
import { Client } from 'pg';
import type { AssessmentRow } from './assessment-row.js';
import { MAX_CASE_PAYMENTS } from './case-inbox.js';
import type { CaseSummary } from './case-row.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

const NOW_MS = Date.UTC(2026, 10, 20, 15);
const ANA = { by: 'ana', caller: 'console', atMs: NOW_MS };
const BRUNO = { ...ANA, by: 'bruno' };
const QUESTION = { state: 'open', sort: 'loss', limit: 50 } as const;

let database: TestDatabase;
let ledger: Ledger;
let client: Client;

beforeEach(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await ledger.close();
  await database.drop();
});

let persons = 0;
const person = (): string => testPseudonym(`person ${persons++}`);

/** To be reviewed, of persons of its own where nothing else is said; held for half an hour. */
function review(
  {
    payer = person(),
    payee = person(),
    ...payment
  }: { payer?: string; payee?: string } & DeepPartial<PseudonymousPayment> = {} as never,
  overrides: Partial<AssessmentRow> = {},
): AssessmentRow {
  const until = new Date(NOW_MS + 1_800_000).toISOString();
  return assessmentRow(
    {
      decision: 'review',
      action: { kind: 'hold', minutes: 30, until, priority: 'PAGFRD' },
      probability: 0.5,
      ...overrides,
    },
    { acceptedAtMs: NOW_MS - 60_000, ...(payment as object), payer: { person: payer }, payee: { person: payee } },
  );
}

async function record(rows: AssessmentRow[]): Promise<void> {
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  for (const row of rows) await writer.record(row);
  await writer.close();
}

async function follow(): Promise<void> {
  while (!(await ledger.cases.open(NOW_MS)).isDone);
}

async function opened(rows: AssessmentRow[]): Promise<CaseSummary[]> {
  await record(rows);
  await follow();
  return (await ledger.cases.page(QUESTION)).cases;
}

test('a review opens a case, an approval and a rejection none; those with the greatest expected loss come first', async () => {
  const small = review({ amountCents: 10_000 }, { probability: 0.4 });
  const large = review({ amountCents: 900_000 }, { probability: 0.3 });
  const unscored = review({ amountCents: 100_000 }, { probability: null, model: null, margin: null });
  const cases = await opened([
    small,
    large,
    unscored,
    assessmentRow(),
    review({}, { decision: 'reject', action: { kind: 'do_not_send' } }),
  ]);
  expect(cases.map(({ expectedLossCents }) => expectedLossCents)).toEqual([270_000, 50_000, 4_000]);
  const detail = await ledger.cases.detail(cases[0]!.id);
  expect(detail.items.map(({ endToEndId }) => endToEndId)).toEqual([large.endToEndId]);
  expect(detail.items[0]!.hold).toEqual({
    until: new Date(NOW_MS + 1_800_000).toISOString(),
    end: null,
    endedAt: null,
  });
  expect(detail.events).toMatchObject([{ kind: 'opened', by: 'vigia', endToEndId: large.endToEndId }]);
});

test('payments of one payer or one payee join its open case, up to as many as can be read', async () => {
  const [payer, payee] = [person(), person()];
  const rows = [review({ payer, payee }), review({ payer }), review({ payee }), review()];
  const cases = await opened(rows);
  expect(cases.map(({ payments }) => payments).sort()).toEqual([1, 3]);
  await record(Array.from({ length: MAX_CASE_PAYMENTS }, () => review({ payee })));
  await follow();
  const sizes = (await ledger.cases.page(QUESTION)).cases.map(({ payments }) => payments);
  expect(sizes.sort((a, b) => a - b)).toEqual([1, 3, MAX_CASE_PAYMENTS]);
});

test('a follower that is killed between two steps, or between reading and writing, loses nothing and doubles nothing', async () => {
  const rows = Array.from({ length: 450 }, () => review());
  await record(rows);
  expect(await ledger.cases.open(NOW_MS)).toMatchObject({ read: 200, payments: 200, isDone: false });
  // Its connection ends while it holds a batch.
  const killed = new Client({ connectionString: database.url });
  await killed.connect();
  await killed.query('BEGIN; DELETE FROM case_inbox WHERE id IN (SELECT id FROM case_inbox ORDER BY id LIMIT 100)');
  await killed.end();
  await Promise.all([follow(), follow()]);
  const { rows: counts } = await client.query(
    'SELECT count(*)::int AS payments, count(DISTINCT end_to_end_id)::int AS ids FROM case_payment',
  );
  expect(counts).toEqual([{ payments: 450, ids: 450 }]);
  expect(await ledger.cases.waiting()).toEqual({ count: 0, sinceMs: null });
  const { rows: events } = await client.query("SELECT count(*)::int AS n FROM case_event WHERE kind = 'opened'");
  expect(events).toEqual([{ n: 450 }]);
});

test('what a spool brings days late gets its case, also into a partition made meanwhile', async () => {
  const late = review({ acceptedAtMs: NOW_MS - 9 * 86_400_000 });
  await opened([review()]);
  const cases = await opened([late]);
  expect(cases).toHaveLength(2);
  await ledger.ensurePartitions('2026-11-10', '2026-11-21');
  expect((await ledger.cases.open(NOW_MS)).read).toBe(0);
  expect(await opened([review(), review({ acceptedAtMs: NOW_MS - 8 * 86_400_000 })])).toHaveLength(4);
});

test('a case that somebody has is taken over only by who names them', async () => {
  const [{ id }] = (await opened([review()])) as [CaseSummary];
  await ledger.cases.assign(id, { assignee: 'ana' }, ANA);
  await expect(ledger.cases.assign(id, { assignee: 'bruno' }, BRUNO)).rejects.toMatchObject({ code: 'case_taken' });
  await expect(ledger.cases.judge(id, { verdict: 'genuine' }, BRUNO)).rejects.toMatchObject({ code: 'case_taken' });
  await ledger.cases.assign(id, { assignee: 'bruno', from: 'ana' }, BRUNO);
  const { assignee, events } = await ledger.cases.detail(id);
  expect(assignee).toBe('bruno');
  expect(events.map(({ kind, before, after }) => ({ kind, before, after })).slice(0, 2)).toEqual([
    { kind: 'assigned', before: { assignee: 'ana' }, after: { assignee: 'bruno' } },
    { kind: 'assigned', before: { assignee: null }, after: { assignee: 'ana' } },
  ]);
  await expect(ledger.cases.assign('999', { assignee: 'ana' }, ANA)).rejects.toMatchObject({ code: 'not_found' });
});

test('a verdict is an outcome of the analyst, ends the hold and closes the case', async () => {
  const payer = person();
  const [first, second] = [review({ payer }), review({ payer })];
  const [{ id }] = (await opened([first, second])) as [CaseSummary];
  const fraud = { verdict: 'fraud', situation: 'scam', fraudMarker: 'mule_account' } as const;
  await ledger.cases.judge(id, { ...fraud, payments: [first.endToEndId], note: 'called the payer' }, ANA);
  expect(await ledger.cases.detail(id)).toMatchObject({ closedAt: null, pending: 1, expectedLossCents: 47_500 });
  await ledger.cases.judge(id, { verdict: 'genuine' }, ANA);
  const detail = await ledger.cases.detail(id);
  expect(detail).toMatchObject({
    closedAt: new Date(NOW_MS).toISOString(),
    pending: 0,
    expectedLossCents: 0,
    dueAt: null,
  });
  const ends = new Map(detail.items.map(({ endToEndId, hold }) => [endToEndId, hold?.end]));
  expect([ends.get(first.endToEndId), ends.get(second.endToEndId)]).toEqual(['cancelled', 'released']);
  expect(await ledger.outcomes(first.endToEndId)).toMatchObject([
    { source: 'analyst', result: 'agreed', situation: 'scam', fraudMarker: 'mule_account', caller: 'console:ana' },
  ]);
  expect(await ledger.outcomes(second.endToEndId)).toMatchObject([{ source: 'analyst', result: 'disagreed' }]);
  // Ingestion finds them there, and tells the windows.
  const pending = await ledger.pendingLabels({ featureSetHash: 'a', knownFromMs: 0, limit: 9 });
  expect(pending).toEqual([first.endToEndId, second.endToEndId].sort());
  // The next payment of the payer opens another case; a closed one is judged again only where payments are named.
  expect(await opened([review({ payer })])).toHaveLength(1);
  await expect(ledger.cases.judge(id, fraud, ANA)).rejects.toMatchObject({ code: 'case_closed' });
  await ledger.cases.judge(id, { ...fraud, payments: [second.endToEndId] }, { ...ANA, atMs: NOW_MS + 1 });
  expect((await ledger.outcomes(second.endToEndId)).map(({ result }) => result)).toEqual(['disagreed', 'agreed']);
  const [, , again] = (await ledger.cases.detail(id)).events.filter(({ kind }) => kind === 'verdict').reverse();
  expect(again).toMatchObject({ before: { verdict: 'genuine' }, after: fraud });
});

test('a hold that runs out is in the trail, ended as the setting says; what is over is released no more', async () => {
  const [first, second] = [review(), review()];
  const cases = await opened([first, second]);
  const idOf = async (row: AssessmentRow) => (await ledger.cases.ofPayment(row.endToEndId))!.case.id;
  await ledger.cases.endHolds(await idOf(first), { end: 'released', note: 'the payer confirmed' }, ANA);
  const late = { by: 'vigia', caller: '', atMs: NOW_MS + 1_800_000 };
  await expect(
    ledger.cases.endHolds(await idOf(second), { end: 'released' }, { ...ANA, atMs: late.atMs }),
  ).rejects.toMatchObject({ code: 'hold_over' });
  expect(await ledger.cases.endOverdueHolds({ end: 'ran_out', limit: 10 }, { ...late, atMs: late.atMs - 1 })).toBe(0);
  expect(await ledger.cases.endOverdueHolds({ end: 'ran_out', limit: 10 }, late)).toBe(1);
  expect(await ledger.cases.endOverdueHolds({ end: 'ran_out', limit: 10 }, late)).toBe(0);
  const ended = await ledger.cases.endedHolds('0', 10);
  expect(ended.map(({ endToEndId, by, after }) => [endToEndId, by, after['end']])).toEqual([
    [first.endToEndId, 'ana', 'released'],
    [second.endToEndId, 'vigia', 'ran_out'],
  ]);
  expect(await ledger.cases.endedHolds(ended[0]!.id, 10)).toEqual([ended[1]]);
  // Nobody said yet what they are: the cases stay open.
  expect((await ledger.cases.page(QUESTION)).cases.map(({ id }) => id).sort()).toEqual(
    cases.map(({ id }) => id).sort(),
  );
});

test('the queue comes in pages, in every order, each case once', async () => {
  const rows = Array.from({ length: 23 }, (_, index) =>
    review({ amountCents: 1_000 * (index % 5) + 1_000 }, index % 7 === 0 ? { action: { kind: 'send' } } : {}),
  );
  await opened(rows);
  for (const sort of ['loss', 'due', 'opened'] as const) {
    const seen: CaseSummary[] = [];
    for (let after: string | undefined; ;) {
      const page = await ledger.cases.page({ state: 'open', sort, limit: 5, ...(after && { after }) });
      seen.push(...page.cases);
      if (!page.next) break;
      after = page.next;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(23);
    expect(seen).toHaveLength(23);
    if (sort === 'loss') {
      const losses = seen.map(({ expectedLossCents }) => expectedLossCents);
      expect(losses).toEqual([...losses].sort((a, b) => b - a));
    }
  }
  const { next } = await ledger.cases.page({ state: 'open', sort: 'loss', limit: 5 });
  await expect(ledger.cases.page({ state: 'open', sort: 'due', limit: 5, after: next })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  const { payer } = rows[3]!.payment;
  expect((await ledger.cases.page({ ...QUESTION, payer: payer.person })).cases).toHaveLength(1);
});

test('the audit trail is never changed', async () => {
  await opened([review()]);
  await expect(client.query("UPDATE case_event SET by = 'nobody'")).rejects.toThrow('audit trail');
  await expect(client.query('DELETE FROM case_event')).rejects.toThrow('audit trail');
});
