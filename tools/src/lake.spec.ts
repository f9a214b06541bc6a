import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PIX, featureSql } from '@vigia/features';
import { OfflineStore } from '@vigia/offline-store';
import { Ledger, migrate, type AssessmentRow } from '@vigia/ledger';
import { simulateEvents } from '@vigia/simulator';
import { createTestDatabase, pseudonymousPaymentBuilder, testEndToEndId } from '@vigia/testing';
import { writeEventFiles, type LakeEvent } from './lake-events.js';
import { exportLedger, ofSimulation, watermarkUs } from './lake-export.js';
import { WORKSPACE } from './stack.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-lake-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nameOf = (firstUs: number, lastUs: number): string =>
  `events-${String(firstUs).padStart(16, '0')}-${String(lastUs).padStart(16, '0')}`;

test('Gold of a simulated world has the vectors that the offline store computes, and Silver its rows', async () => {
  const world = { seed: 5, startMs: Date.UTC(2026, 8, 1, 3), days: 4, paymentsPerDay: 300, fraudShare: 0.02 };
  const events: LakeEvent[] = [];
  for await (const event of ofSimulation(simulateEvents(world))) events.push(event);
  await writeEventFiles(events, { folder: join(folder, 'feed'), nameOf, rowsPerFile: 500 });
  const flags = ['--lake', join(folder, 'lake'), '--source', `world=${join(folder, 'feed')}`, '--threads', '1'];
  execFileSync(join(WORKSPACE, 'pipelines/.venv/bin/vigia-lake'), ['all', ...flags], { stdio: 'pipe' });

  const store = await OfflineStore.open({ memoryLimitMb: 1_000, threads: 1, temporaryDirectory: folder });
  try {
    const loader = await store.load(PIX);
    for (const event of events) {
      if (event.kind === 'payment') loader.payment(event.payment, event.arrivedUs);
      else loader.label(event.endToEndId, event.fraud, event.arrivedUs);
    }
    loader.close();
    await store.run(`CREATE TABLE computed AS ${featureSql(PIX, 'duckdb')}`);
    const differs = PIX.features.map(({ name }) => `count(*) FILTER (d.${name} IS DISTINCT FROM g.${name})`);
    const [row] = await store.ask(`SELECT count(d.end_to_end_id), count(g.end_to_end_id), ${differs.join(', ')}
      FROM computed d FULL JOIN read_parquet(${filesOf('gold/pix')}) g ON g.end_to_end_id = d.end_to_end_id`);
    const payments = events.filter(({ kind }) => kind === 'payment').length;
    expect(row!.slice(0, 2).map(Number)).toEqual([payments, payments]);
    const different = PIX.features.filter((_, index) => Number(row![index + 2]) > 0).map(({ name }) => name);
    expect(different).toEqual([]);
    const [labels] = await store.ask(`SELECT count(*) FROM read_parquet(${filesOf('silver/labels')})`);
    expect(Number(labels![0])).toBe(events.length - payments);
  } finally {
    store.close();
  }
}, 600_000);

function filesOf(table: string): string {
  const root = join(folder, 'lake', table);
  const { files } = JSON.parse(readFileSync(join(root, '_table.json'), 'utf8')) as { files: Record<string, string[]> };
  return `[${Object.entries(files)
    .flatMap(([day, names]) => names.map((name) => `'${root}/day=${day}/${name}'`))
    .join(', ')}]`;
}

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
    const spooled = recordedAt(nowMs - 100_000, 4);
    await record(ledger, [spooled]);
    expect(await exportLedger(database.url, feed, nowMs + 60_000)).toBe(0);
    const from = new Date(nowMs - 110_000).toISOString();
    expect(await exportLedger(database.url, feed, nowMs + 60_000, from)).toBe(4);
    expect(eventsIn(feed)[0]).toMatchObject({ payment: { endToEndId: spooled.endToEndId } });
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
