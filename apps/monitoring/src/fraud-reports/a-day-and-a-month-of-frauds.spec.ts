import type { Outcome } from '@vigia/contracts';
import type { AssessmentRow } from '@vigia/ledger';
import type { Service } from '@vigia/platform';
import { reviewed } from '../reviews.fixture.js';
import { Site } from '../site.fixture.js';
import { csvLine } from './csv.js';
import { fraudLog } from './fraud-log.js';
import type { MonthlyReport } from './monthly-report.js';

jest.setTimeout(180_000);

let site: Site;
let service: Service;

/** 20 November 2026, 10:00 in Brasília. */
const DAY_MS = Date.UTC(2026, 10, 20, 13);
const approved: Partial<AssessmentRow> = { decision: 'approve', action: { kind: 'send' }, reasons: [] };
const rejected: Partial<AssessmentRow> = { decision: 'reject', action: { kind: 'do_not_send' } };
const at = (hours: number, amountCents = 95_000) => ({ acceptedAtMs: DAY_MS + hours * 3_600_000, amountCents });

const rows = {
  fraud: reviewed(approved, { ...at(0, 10_000), session: { channel: 'app' } }),
  genuine: reviewed(approved, at(1)),
  contested: reviewed(approved, at(1)),
  rejected: reviewed(rejected, at(2, 20_000)),
  rejectedFraud: reviewed(rejected, at(3, 30_000)),
  rejectedGenuine: reviewed(rejected, at(4)),
  cancelled: reviewed({}, at(5, 40_000)),
  running: reviewed({}, at(6)),
  /** 22:00 in Brasília is the next day in UTC. */
  evening: reviewed(rejected, at(12, 50_000)),
  nextDay: reviewed(rejected, at(15)),
};

async function say(row: AssessmentRow, result: Outcome['result'], source: Outcome['source'] = 'med'): Promise<void> {
  const knownAt = new Date(row.acceptedAtMs + 60_000).toISOString();
  const outcome = { endToEndId: row.endToEndId, source, result, situation: 'scam', knownAt } as const;
  await site.ledger.recordOutcome(outcome, { caller: 'med', recordedAtMs: Date.now() });
}

beforeAll(async () => {
  site = await Site.open();
  // Cases are opened here, at moments of the test's own.
  service = await site.start({ CASE_LOOK_MS: '86400000', LABEL_HORIZON_DAYS: '90' });
  await site.record(Object.values(rows));
  await say(rows.fraud, 'agreed');
  await say(rows.fraud, 'disagreed', 'customer');
  await say(rows.contested, 'open');
  await say(rows.rejectedFraud, 'agreed', 'analyst');
  await say(rows.rejectedGenuine, 'disagreed');
  await site.ledger.cases.open(DAY_MS);
  const { case: opened } = (await site.ledger.cases.ofPayment(rows.cancelled.endToEndId))!;
  const analyst = { by: 'ana', caller: 'console', atMs: rows.cancelled.acceptedAtMs + 60_000 };
  await site.ledger.cases.endHolds(opened.id, { end: 'cancelled' }, analyst);
});
afterAll(() => site?.close());

async function get(path: string): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(`${service.url}/v1/${path}`, { headers: { 'x-api-key': site.keys.reader } });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

interface Log {
  preliminary: boolean;
  finalFrom: string;
  occurrences: { endToEndId: string; kind: string; amount: string }[];
}

test('the log of a day has its frauds and attempts in their order, and says that labels are still coming', async () => {
  const log = JSON.parse((await get('fraud-log?day=2026-11-20')).text) as Log;
  expect(log.occurrences.map(({ endToEndId, kind, amount }) => [endToEndId, kind, amount])).toEqual([
    [rows.fraud.endToEndId, 'fraud', '100.00'],
    [rows.rejected.endToEndId, 'suspected_attempt', '200.00'],
    [rows.rejectedFraud.endToEndId, 'attempt', '300.00'],
    [rows.cancelled.endToEndId, 'suspected_attempt', '400.00'],
    [rows.evening.endToEndId, 'suspected_attempt', '500.00'],
  ]);
  expect(log.occurrences[0]).toMatchObject({
    channel: 'app',
    situation: 'scam',
    labelSource: 'med',
    measure: 'send',
    initiationForm: 'DICT',
  });
  expect(log.occurrences[3]).toMatchObject({ decision: 'review', measure: 'hold', holdEnd: 'cancelled' });
  expect(log).toMatchObject({
    preliminary: Date.now() < Date.UTC(2027, 1, 19, 3),
    finalFrom: '2027-02-19T03:00:00.000Z',
  });
});

test('as CSV it has a line each, and no person', async () => {
  const { type, text } = await get('fraud-log?day=2026-11-20&format=csv');
  expect(type).toContain('text/csv');
  const [head, ...lines] = text.trimEnd().split('\r\n');
  expect(head).toMatch(/^endToEndId,acceptedAt,kind,amount,.*,preliminary$/);
  expect(lines).toHaveLength(5);
  for (const { payer, payee } of Object.values(rows).map((row) => row.payment)) {
    expect(text).not.toContain(payer.person);
    expect(text).not.toContain(payee.account);
  }
  const empty = await get('fraud-log?day=2026-11-19&format=csv');
  expect(empty.text.trimEnd().split('\r\n')).toEqual([head]);
  expect((JSON.parse((await get('fraud-log?day=2026-11-19')).text) as Log).occurrences).toEqual([]);
});

test('the report of a month sums its days by kind, and has the decisions and the MED’s results', async () => {
  const report = JSON.parse((await get('fraud-report?month=2026-11')).text) as MonthlyReport;
  expect(report.decisions).toEqual({ approve: 3, review: 2, reject: 5 });
  expect(report.medReports).toEqual({ open: 1, agreed: 1, disagreed: 1 });
  expect(report.totals).toEqual({
    fraud: { count: 1, amount: '100.00' },
    attempt: { count: 1, amount: '300.00' },
    suspected_attempt: { count: 4, amount: '2050.00' },
  });
  expect(report.groups.reduce((sum, { count }) => sum + count, 0)).toBe(6);
  const { text } = await get('fraud-report?month=2026-11&format=csv');
  expect(text.trimEnd().split('\r\n')).toHaveLength(1 + report.groups.length);
});

test.each([
  ['fraud-log?day=2026-02-30', 'day'],
  ['fraud-log?day=20261120', 'day'],
  ['fraud-log', 'day'],
  ['fraud-log?day=2126-01-01', 'day'],
  ['fraud-report?month=2026-13', 'month'],
  ['fraud-report?month=2126-01', 'month'],
  ['fraud-log?day=2026-11-20&format=xml', 'format'],
])('%s is refused by the name of the field', async (path, field) => {
  const { status, text } = await get(path);
  expect(status).toBe(400);
  expect((JSON.parse(text) as { errors: { field: string }[] }).errors.map((error) => error.field)).toEqual([field]);
});

test('a long day comes in pages, each occurrence once', async () => {
  const many = Array.from({ length: 2_300 }, (_, index) =>
    // Hundreds at each moment, so that pages end among equals.
    reviewed(rejected, { acceptedAtMs: Date.UTC(2026, 10, 10, 13) + Math.floor(index / 400) * 1_000 }),
  );
  await site.record(many);
  let largest = 0;
  let text = '';
  const question = { day: '2026-11-10', format: 'json', labelHorizonDays: 30, nowMs: Date.now() } as const;
  for await (const piece of fraudLog(site.ledger.accountability, question)) {
    largest = Math.max(largest, piece.length);
    text += piece;
  }
  const { occurrences } = JSON.parse(text) as Log;
  expect(new Set(occurrences.map(({ endToEndId }) => endToEndId)).size).toBe(2_300);
  expect(occurrences).toHaveLength(2_300);
  expect(largest).toBeLessThan(text.length / 2);
});

test('a cell never becomes a formula, and keeps its quotes', () => {
  expect(csvLine(['=1+1', 'a "b", c', null, -3])).toBe(`'=1+1,"a ""b"", c",,-3\r\n`);
});
