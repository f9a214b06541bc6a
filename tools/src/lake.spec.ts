import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ledger, migrate, type AssessmentRow } from '@vigia/ledger';
import { createTestDatabase, pseudonymousPaymentBuilder, testEndToEndId } from '@vigia/testing';
import { writeEventFiles, type LakeEvent } from './lake-events.js';
import { exportLedger, watermarkUs } from './lake-export.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-lake-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nameOf = (firstUs: number, lastUs: number): string =>
  `events-${String(firstUs).padStart(16, '0')}-${String(lastUs).padStart(16, '0')}`;

test('files hold every event once, what arrived at one moment together, and tell where to go on', async () => {
  const events = [1, 2, 2, 2, 3].map((arrivedUs, index): LakeEvent => {
    const payment = pseudonymousPaymentBuilder();
    return index === 2
      ? { kind: 'label', arrivedUs, endToEndId: payment.endToEndId, fraud: true }
      : { kind: 'payment', arrivedUs, payment };
  });
  expect(watermarkUs(folder)).toBe(0);
  expect(await writeEventFiles(events, { folder, nameOf, rowsPerFile: 2 })).toBe(5);
  const files = readdirSync(folder).sort();
  expect(files.map((name) => name.slice(7, -10).split('-').map(Number))).toEqual([
    [1, 2],
    [3, 3],
  ]);
  expect(eventsIn(folder)).toEqual(events);
  expect(watermarkUs(folder)).toBe(4);
});

test('the ledger is exported from behind the last file, and again from where one says', async () => {
  const database = await createTestDatabase();
  const ledger = Ledger.connect({ url: database.url });
  try {
    await migrate(database.url);
    const feed = join(folder, 'feed');
    const nowMs = Date.UTC(2026, 10, 20, 12);
    const [first, second] = [recordedAt(nowMs - 120_000, 1), recordedAt(nowMs - 90_000, 2)];
    const young = recordedAt(nowMs - 1_000, 3);
    const label = { endToEndId: first.endToEndId, fraud: true, arrivedUs: second.arrivedUs + 7 };
    await record(ledger, [first, second, young]);
    await ledger.recordWindowLabel({ ...label, changed: true, featureSetHash: 'x' });
    expect(await exportLedger(database.url, feed, nowMs)).toBe(3);
    expect(await exportLedger(database.url, feed, nowMs)).toBe(0);
    expect(await exportLedger(database.url, feed, nowMs + 60_000)).toBe(1);
    expect(eventsIn(feed)).toEqual([
      { kind: 'payment', arrivedUs: first.arrivedUs, degraded: false, payment: first.payment },
      { kind: 'payment', arrivedUs: second.arrivedUs, degraded: false, payment: second.payment },
      { kind: 'label', ...label },
      { kind: 'payment', arrivedUs: young.arrivedUs, degraded: false, payment: young.payment },
    ]);
    // As a spool brings them in when PostgreSQL is back: the first once, the second with the next export.
    const spooled = [recordedAt(nowMs - 100_000, 4), recordedAt(nowMs - 95_000, 5)].map((row): AssessmentRow => ({
      ...row,
      degraded: ['ledger'],
    }));
    for (const row of spooled) {
      await record(ledger, [row]);
      expect(await exportLedger(database.url, feed, nowMs + 60_000)).toBe(1);
      expect(await exportLedger(database.url, feed, nowMs + 60_000)).toBe(0);
    }
    const late = eventsIn(feed).slice(-2);
    expect(late.map((event) => event.arrivedUs)).toEqual(spooled.map(({ arrivedUs }) => arrivedUs));
    const from = new Date(nowMs - 110_000).toISOString();
    expect(await exportLedger(database.url, feed, nowMs + 60_000, from)).toBe(5);
    await expect(exportLedger(database.url, feed, nowMs, 'yesterday')).rejects.toThrow('--from yesterday');
  } finally {
    await ledger.close();
    await database.drop();
  }
}, 120_000);

function eventsIn(directory: string): LakeEvent[] {
  return readdirSync(directory)
    .sort()
    .flatMap((name) =>
      gunzipSync(readFileSync(join(directory, name)))
        .toString()
        .trimEnd()
        .split('\n'),
    )
    .map((line) => JSON.parse(line) as LakeEvent);
}

async function record(ledger: Ledger, rows: AssessmentRow[]): Promise<void> {
  const writer = await ledger.openWriter({ spoolDirectory: join(folder, 'spool') });
  for (const row of rows) await writer.record(row);
  await writer.close();
}

function recordedAt(atMs: number, number: number): AssessmentRow {
  const payment = { ...pseudonymousPaymentBuilder(), endToEndId: testEndToEndId(number), acceptedAtMs: atMs };
  return {
    endToEndId: payment.endToEndId,
    side: payment.side,
    acceptedAtMs: atMs,
    decidedAtMs: atMs,
    arrivedUs: atMs * 1_000,
    caller: 'core-banking',
    contentSha256: Buffer.alloc(32, number),
    payment,
    vector: new Float32Array(),
    effective: {},
    probability: null,
    margin: null,
    decision: 'approve',
    action: { kind: 'send' },
    reasons: [],
    rules: [],
    warnings: [],
    degraded: [],
    model: null,
    policy: { name: 'pix', version: '1' },
    featureSet: { name: 'pix', hash: 'x' },
    timingsUs: {},
  };
}
