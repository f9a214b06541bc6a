import { SOURCE_RANKS, labelOf, type Outcome } from '@vigia/contracts';
import { createTestDatabase, type TestDatabase } from '@vigia/testing';
import fc from 'fast-check';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

const FROM_MS = Date.UTC(2026, 10, 20, 10);
const DAY_MS = 86_400_000;
const MODEL = { name: 'pix-fraud', version: '1' };

let database: TestDatabase;
let ledger: Ledger;

beforeAll(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
});
afterAll(async () => {
  await ledger?.close();
  await database?.drop();
});

const sources = Object.keys(SOURCE_RANKS) as Outcome['source'][];
const said = fc.record({
  source: fc.constantFrom(...sources),
  result: fc.constantFrom<Outcome['result']>('open', 'agreed', 'disagreed'),
  // Few moments, so that some are the same.
  knownAt: fc.integer({ min: 1, max: 4 }).map((day) => new Date(FROM_MS + day * DAY_MS).toISOString()),
});

test('every question to the ledger labels payments as labelOf does', async () => {
  const cases = fc.sample(fc.array(said, { minLength: 1, maxLength: 6 }), 60);
  const rows = cases.map(() => assessmentRow({ model: MODEL }, { acceptedAtMs: FROM_MS }));
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  await Promise.all(rows.map((row) => writer.record(row)));
  await writer.close();
  const labels = new Map<string, boolean>();
  for (const [index, words] of cases.entries()) {
    const { endToEndId } = rows[index]!;
    for (const word of words) {
      const outcome = { ...word, endToEndId, situation: 'unknown' as const };
      await ledger.recordOutcome(outcome, { caller: 'test', recordedAtMs: FROM_MS });
    }
    const label = labelOf(await ledger.outcomes(endToEndId));
    if (label) labels.set(endToEndId, label.result === 'agreed');
  }
  expect(new Set(labels.values()).size).toBe(2);

  const range = { fromMs: FROM_MS, toMs: FROM_MS + 1, knownBeforeMs: FROM_MS + 9 * DAY_MS, limit: 1_000 };
  const judged = await ledger.monitoring.judged({ model: MODEL.name, ...range });
  expect(new Map(judged.map(({ endToEndId, fraud }) => [endToEndId, fraud]))).toEqual(labels);

  const shadow = { model: MODEL.name, bundleVersion: '2', probability: 0.5, margin: 0, scoredAtMs: FROM_MS };
  await ledger.recordShadowScores(rows.map(({ endToEndId }) => ({ ...shadow, endToEndId })));
  const { payments } = await ledger.shadowComparison({ ...range, model: MODEL.name, champion: '1', challenger: '2' });
  expect(new Map(payments.flatMap(({ endToEndId, fraud }) => (fraud === null ? [] : [[endToEndId, fraud]])))).toEqual(
    labels,
  );

  // Windows that were told the labels have nothing left to learn, also where only the last words are young enough.
  const featureSetHash = 'a'.repeat(64);
  for (const knownFromMs of [FROM_MS, FROM_MS + 4 * DAY_MS]) {
    const question = { featureSetHash, knownFromMs, limit: 1_000 };
    const pending = await ledger.pendingLabels(question);
    expect(pending.length).toBeGreaterThan(0);
    for (const endToEndId of pending) {
      const label = { endToEndId, fraud: labels.get(endToEndId)!, arrivedUs: knownFromMs * 1_000, changed: true };
      await ledger.recordWindowLabel({ ...label, featureSetHash });
    }
    expect(await ledger.pendingLabels(question)).toEqual([]);
    // Told the contrary later, for the second round.
    for (const [endToEndId, fraud] of labels) {
      const label = { endToEndId, fraud: !fraud, arrivedUs: FROM_MS * 1_000 + 1, changed: true, featureSetHash };
      if (knownFromMs === FROM_MS) await ledger.recordWindowLabel(label);
    }
  }
});
