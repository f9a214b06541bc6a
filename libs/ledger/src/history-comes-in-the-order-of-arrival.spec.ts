import { TEST_TIME_MS, createTestDatabase, startPostgres, testEndToEndId, type TestDatabase } from '@vigia/testing';
import { Client } from 'pg';
import type { AssessmentRow } from './assessment-row.js';
import type { HistoryEvent, HistoryRange } from './history.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

jest.setTimeout(120_000);

const [SET, OTHER_SET] = ['a'.repeat(64), 'b'.repeat(64)];
const START_US = TEST_TIME_MS * 1_000;
const DAY_US = 86_400_000_000;
let database: TestDatabase;
let ledger: Ledger;

beforeEach(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
});

afterEach(async () => {
  await ledger.close();
  await database.drop();
});

async function record(rows: AssessmentRow[]): Promise<void> {
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  for (let i = 0; i < rows.length; i += 2_000) {
    await Promise.all(rows.slice(i, i + 2_000).map((row) => writer.record(row)));
  }
  await writer.close();
}

async function read(range: Partial<HistoryRange> = {}): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of ledger.history({ fromUs: 0, toUs: START_US + 1_000 * DAY_US, ...range }))
    events.push(event);
  return events;
}

const arrived = (afterUs: number, overrides: Partial<AssessmentRow> = {}): AssessmentRow =>
  assessmentRow({ arrivedUs: START_US + afterUs, ...overrides });
const label = (row: AssessmentRow, afterUs: number, fraud = true, changed = true, featureSetHash = SET) =>
  ledger.recordWindowLabel({
    endToEndId: row.endToEndId,
    fraud,
    arrivedUs: START_US + afterUs,
    changed,
    featureSetHash,
  });
const brief = (events: HistoryEvent[]): string[] =>
  events.map((event) => `${event.kind === 'label' ? String(event.fraud) : 'payment'} ${event.arrivedUs - START_US}`);

test('payments and labels of many pages and days, merged, with quiet months, crowds and ties between', async () => {
  await ledger.ensurePartitions('2026-11-18', '2026-11-24');
  // Two pages in one microsecond, 3,000 in one second, one a day for a month, then 500 ten a minute.
  const arrivals = [
    ...Array.from({ length: 4_000 }, () => 5),
    ...Array.from({ length: 3_000 }, (_, i) => 1_000_000 + i * 250),
    ...Array.from({ length: 30 }, (_, i) => (i + 1) * DAY_US),
    ...Array.from({ length: 500 }, (_, i) => 90 * DAY_US + i * 6_000_000),
  ];
  const rows = arrivals.map((us, i) =>
    assessmentRow({ arrivedUs: START_US + us }, { endToEndId: testEndToEndId(i, TEST_TIME_MS + (i % 5) * 86_400_000) }),
  );
  await record([...rows].sort((a, b) => (a.contentSha256[0]! < b.contentSha256[0]! ? -1 : 1)));
  for (let i = 0; i < rows.length; i += 100) await label(rows[i]!, arrivals[i]! + 250);

  const events = await read();
  const payments = [...rows].sort((a, b) => a.arrivedUs - b.arrivedUs || (a.endToEndId < b.endToEndId ? -1 : 1));
  expect(events.filter(({ kind }) => kind === 'payment').map(({ endToEndId }) => endToEndId)).toEqual(
    payments.map(({ endToEndId }) => endToEndId),
  );
  const labels = events.filter(({ kind }) => kind === 'label');
  expect(labels.map(({ endToEndId }) => endToEndId)).toEqual(
    rows.filter((_, i) => i % 100 === 0).map(({ endToEndId }) => endToEndId),
  );
  events.forEach((event, i) => {
    const before = events[i - 1];
    if (!before) return;
    expect(before.arrivedUs).toBeLessThanOrEqual(event.arrivedUs);
    if (before.arrivedUs === event.arrivedUs) expect([before.kind, event.kind]).not.toEqual(['label', 'payment']);
  });
  // From any place to any place.
  for (const [from, to] of [
    [5, 6],
    [6, 1_000_251],
    [1_000_250, 3 * DAY_US],
  ] as const) {
    const part = await read({ fromUs: START_US + from, toUs: START_US + to });
    expect(brief(part)).toEqual(
      brief(events.filter(({ arrivedUs }) => arrivedUs >= START_US + from && arrivedUs < START_US + to)),
    );
  }
});

test('rows from before arrivals were kept go by the time of their decision', async () => {
  const old = (ms: number) => assessmentRow({ arrivedUs: 0, decidedAtMs: TEST_TIME_MS + ms });
  await record([arrived(7_000_000), old(3_000), old(1_000), arrived(2_000_000)]);
  expect(brief(await read())).toEqual(['payment 1000000', 'payment 2000000', 'payment 3000000', 'payment 7000000']);
  expect(brief(await read({ fromUs: START_US + 1_000_001, toUs: START_US + 3_000_000 }))).toEqual(['payment 2000000']);
});

test('a payment has what was served for it, and says whether the store was away', async () => {
  const row = arrived(1);
  const away = arrived(2, { degraded: ['model', 'features'], effective: {} });
  await record([row, away]);
  const served = [];
  for await (const event of ledger.servedHistory({ fromUs: 0, toUs: START_US + 10 })) served.push(event);
  const { endToEndId, arrivedUs, payment, vector, effective } = row;
  expect(served).toEqual([
    {
      kind: 'payment',
      endToEndId,
      arrivedUs,
      payment,
      vector,
      effective,
      degraded: false,
      featureSetHash: SET,
    },
    expect.objectContaining({ endToEndId: away.endToEndId, degraded: true, effective: {} }),
  ]);
});

describe('labels of one set', () => {
  const told = async (featureSetHash?: string) =>
    brief((await read(featureSetHash ? { featureSetHash } : {})).slice(1));
  let row: AssessmentRow;
  beforeEach(async () => record([(row = arrived(0))]));

  test('are those that its own windows learnt, where both learnt them', async () => {
    await label(row, 10, true, true, OTHER_SET);
    await label(row, 20);
    expect(await told()).toEqual(['true 10', 'true 20']);
    expect(await told(SET)).toEqual(['true 20']);
    expect(await told(OTHER_SET)).toEqual(['true 10', 'true 20']);
  });

  test('are those of the set before, where a backfill brought them', async () => {
    await label(row, 10, true, true, OTHER_SET);
    await label(row, 20, true, false);
    await label(row, 30, false);
    expect(await told(SET)).toEqual(['true 10', 'true 20', 'false 30']);
  });

  test('may go to and fro', async () => {
    await label(row, 10, true, true, OTHER_SET);
    await label(row, 15, false, true, OTHER_SET);
    await label(row, 20, true);
    await label(row, 30, false);
    expect(await told(SET)).toEqual(['false 15', 'true 20', 'false 30']);
  });
});

test('what the windows knew already is noted once, and what changes each time', async () => {
  const row = arrived(0);
  await record([row]);
  await label(row, 10);
  await label(row, 20, true, false);
  await label(row, 30, false);
  await label(row, 40, true);
  expect(brief((await read()).slice(1))).toEqual(['true 10', 'false 30', 'true 40']);
});

test('a label whose payment is past its retention is left out', async () => {
  await record([arrived(0)]);
  await label(assessmentRow(), 10);
  expect(brief(await read())).toEqual(['payment 0']);
});

test('a range that ends before it begins is refused, an empty one is empty', async () => {
  await record([arrived(0)]);
  expect(await read({ fromUs: START_US, toUs: START_US })).toEqual([]);
  await expect(read({ fromUs: 2, toUs: 1 })).rejects.toMatchObject({ code: 'invalid_request' });
});

test('who stops reading, or cancels, leaves no connection behind', async () => {
  await record(Array.from({ length: 5_000 }, (_, i) => arrived(i)));
  const range = { fromUs: 0, toUs: START_US + DAY_US };
  for await (const event of ledger.history(range)) if (event.arrivedUs > START_US + 10) break;
  const cancel = new AbortController();
  const cancelled = (async () => {
    for await (const event of ledger.history({ ...range, signal: cancel.signal })) {
      if (event.arrivedUs > START_US + 10) cancel.abort(new Error('enough'));
    }
  })();
  await expect(cancelled).rejects.toThrow('enough');
  await expect(read({ signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vigia ledger history'",
  );
  await client.end();
  expect(rows).toEqual([]);
});

describe('on a server of its own', () => {
  test('a connection that is lost on the way is a fault of the weather', async () => {
    const server = await startPostgres();
    await migrate(server.url);
    const own = Ledger.connect({ url: server.url });
    const writer = await own.openWriter({ spoolDirectory: temporarySpool() });
    await Promise.all(Array.from({ length: 4_000 }, (_, i) => writer.record(arrived(i * 100))));
    await writer.close();
    let seen = 0;
    const reading = (async () => {
      for await (const event of own.history({ fromUs: 0, toUs: START_US + DAY_US })) {
        if (event.kind === 'payment' && seen++ === 0) await server.kill9();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(seen).toBeGreaterThan(0);
    const again = own.history({ fromUs: 0, toUs: 1 }).next();
    await expect(again).rejects.toMatchObject({ code: 'dependency_unavailable' });
    await own.close();
    await server.stop();
  });
});
