import { createTestDatabase, testEndToEndId, type TestDatabase } from '@vigia/testing';
import { Client } from 'pg';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import type { NewModelChange } from './model-changes.js';

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

const change = (to: string, jobId: string, overrides: Partial<NewModelChange> = {}): NewModelChange => ({
  model: 'pix-fraud',
  kind: 'promote',
  from: null,
  to: { version: to, bundleVersion: `bundle-${to}` },
  by: 'ana',
  reason: 'finds more',
  overridden: [],
  jobId,
  ...overrides,
});

test('a change is on record with who, when, from, to and why; newest first', async () => {
  const applied: string[] = [];
  await ledger.changeModel(change('1', 'promote-1'), async () => void applied.push('1'));
  const from = { version: '1', bundleVersion: 'bundle-1' };
  const second = change('2', 'promote-2', { from, overridden: ['gate: recall'] });
  const recorded = await ledger.changeModel(second, async () => void applied.push('2'));
  expect(applied).toEqual(['1', '2']);
  expect(recorded).toEqual({ ...second, changedAt: expect.any(String) as string });
  expect((await ledger.modelChanges('pix-fraud')).map(({ to }) => to.version)).toEqual(['2', '1']);
  expect(await ledger.modelChanges('another')).toEqual([]);
});

test('a change that cannot be made is not on record; the same job again makes it, a third time changes nothing', async () => {
  const failing = ledger.changeModel(change('1', 'promote-1'), () => Promise.reject(new Error('registry away')));
  await expect(failing).rejects.toThrow('registry away');
  expect(await ledger.modelChanges('pix-fraud')).toEqual([]);
  let times = 0;
  const apply = async (): Promise<void> => void times++;
  const first = await ledger.changeModel(change('1', 'promote-1'), apply);
  expect(await ledger.changeModel(change('1', 'promote-1'), apply)).toEqual(first);
  expect(times).toBe(1);
});

test('the change behind a decision is the last one to its model before it', async () => {
  const first = await ledger.changeModel(change('1', 'a'), () => Promise.resolve());
  const atMs = Date.parse(first.changedAt);
  const model = { name: 'pix-fraud', version: 'bundle-1' };
  expect(await ledger.changeBehind({ model, decidedAtMs: atMs + 1 })).toEqual(first);
  expect(await ledger.changeBehind({ model, decidedAtMs: atMs - 1_000 })).toBeNull();
  expect(
    await ledger.changeBehind({ model: { name: 'pix-fraud', version: 'other' }, decidedAtMs: atMs + 1 }),
  ).toBeNull();
  expect(await ledger.changeBehind({ model: null, decidedAtMs: atMs + 1 })).toBeNull();
});

test('shadow scores are kept once, and tell since when a version is watched', async () => {
  expect(await ledger.shadowTime('pix-fraud', '2')).toEqual({ scores: 0, firstAtMs: null, lastAtMs: null });
  const scores = [1_000, 5_000].map((scoredAtMs) => ({
    endToEndId: testEndToEndId(scoredAtMs),
    model: 'pix-fraud',
    bundleVersion: '2',
    probability: 0.25,
    margin: -1,
    scoredAtMs,
  }));
  await ledger.recordShadowScores(scores);
  await ledger.recordShadowScores(scores);
  expect(await ledger.shadowTime('pix-fraud', '2')).toEqual({ scores: 2, firstAtMs: 1_000, lastAtMs: 5_000 });
});

test('neither record can be changed', async () => {
  await ledger.changeModel(change('1', 'a'), () => Promise.resolve());
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await expect(client.query("UPDATE model_change SET changed_by = 'eve'")).rejects.toThrow('never changed');
  await client.end();
});
