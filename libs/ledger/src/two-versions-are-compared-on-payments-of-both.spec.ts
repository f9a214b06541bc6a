import { TEST_TIME_MS, createTestDatabase, type TestDatabase } from '@vigia/testing';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

let database: TestDatabase;
let ledger: Ledger;

beforeAll(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
});
afterAll(async () => {
  await ledger.close();
  await database.drop();
});

const RANGE = { model: 'pix', champion: '1', challenger: '2', fromMs: 0, toMs: 1e15, limit: 100 };
const DAY_MS = 86_400_000;

/** Ids of payments, the last one scored last. */
async function decidedAndScored(
  payments: { by: string; probability: number | null; scoredBy: string; shadow: number; day?: number }[],
): Promise<string[]> {
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  const rows = payments.map(({ by, probability, day = 0 }) =>
    assessmentRow({ model: { name: 'pix', version: by }, probability }, { acceptedAtMs: TEST_TIME_MS + day * DAY_MS }),
  );
  await Promise.all(rows.map((row) => writer.record(row)));
  await writer.close();
  await ledger.recordShadowScores(
    rows.map(({ endToEndId }, i) => ({
      endToEndId,
      model: 'pix',
      bundleVersion: payments[i]!.scoredBy,
      probability: payments[i]!.shadow,
      margin: 0,
      scoredAtMs: TEST_TIME_MS + i,
    })),
  );
  return rows.map(({ endToEndId }) => endToEndId);
}

test('either may have decided; others do not count; those scored last come first, up to the limit', async () => {
  await ledger.ensurePartitions('2026-11-20', '2026-11-21');
  const ids = await decidedAndScored([
    { by: '1', probability: 0.1, scoredBy: '2', shadow: 0.2 },
    { by: '2', probability: 0.3, scoredBy: '1', shadow: 0.4, day: 1 },
    { by: '1', probability: 0.5, scoredBy: '3', shadow: 0.6 },
    { by: '3', probability: 0.5, scoredBy: '2', shadow: 0.6 },
    { by: '1', probability: null, scoredBy: '2', shadow: 0.6 },
    { by: '1', probability: 0.7, scoredBy: '2', shadow: 0.8, day: 400 },
  ]);
  const all = [
    { endToEndId: ids[5], champion: 0.7, challenger: 0.8, fraud: null },
    { endToEndId: ids[1], champion: 0.4, challenger: 0.3, fraud: null },
    { endToEndId: ids[0], champion: 0.1, challenger: 0.2, fraud: null },
  ];
  expect(await ledger.shadowComparison(RANGE)).toEqual({ payments: all, truncated: false });
  expect(await ledger.shadowComparison({ ...RANGE, limit: 1 })).toEqual({ payments: [all[0]], truncated: true });
  const range = { ...RANGE, fromMs: TEST_TIME_MS + 1, toMs: TEST_TIME_MS + 5 };
  expect((await ledger.shadowComparison(range)).payments).toEqual([all[1]]);
});
