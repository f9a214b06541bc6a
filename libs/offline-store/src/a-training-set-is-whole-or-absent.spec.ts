import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { trainingSetManifest } from '@vigia/contracts';
import { HANDBOOK, hashOf } from '@vigia/features';
import { waitFor } from '@vigia/testing';
import { START_MS, HOUR_MS, arrivalOf, computed, loadMany, openStore, optionsOf, payments } from './history.fixture.js';
import type { OfflineStore } from './offline-store.js';
import { writeTrainingSet } from './training-set.js';

const COUNT = 400;
let store: OfflineStore;
beforeAll(async () => {
  store = await computed(COUNT);
});
afterAll(() => store.close());

const rowsOf = (directory: string, columns: string): Promise<unknown[][]> =>
  store.ask(`SELECT ${columns} FROM '${join(directory, 'rows.parquet')}'`);

test('all rows in time order, labels, features, and a manifest that fits the contract', async () => {
  const options = optionsOf(COUNT);
  const manifest = await writeTrainingSet(store, options);
  const written: unknown = JSON.parse(readFileSync(join(options.directory, 'manifest.json'), 'utf8'));
  expect(trainingSetManifest.parse(written)).toEqual(manifest);
  expect(manifest).toMatchObject({
    format: 2,
    featureSet: { name: 'handbook', hash: hashOf(HANDBOOK) },
    rows: COUNT,
    frauds: COUNT / 10,
    fromMs: START_MS,
    toMs: START_MS + (COUNT - 1) * HOUR_MS,
  });
  expect(manifest.schema.slice(0, 6)).toEqual([
    { name: 'end_to_end_id', type: 'VARCHAR' },
    { name: 'accepted_at_ms', type: 'DOUBLE' },
    { name: 'amount_cents', type: 'DOUBLE' },
    { name: 'label', type: 'INTEGER' },
    { name: 'weight', type: 'DOUBLE' },
    { name: 'amount', type: 'FLOAT' },
  ]);
  const rows = await rowsOf(options.directory, 'amount_cents, label, customer_count_30d, weight');
  expect(rows).toHaveLength(COUNT);
  expect(rows[20]).toEqual([120, 1, 3, 1]);
  expect(rows[21]).toEqual([121, 0, 3, 1]);
});

test('the same history gives the same bytes: loaded in another order, with other threads and memory', async () => {
  const digests: string[] = [];
  for (const [order, limits] of [
    ['i', { threads: 1 }],
    ['hash(i)', { threads: 4 }],
    ['hash(i + 1)', { memoryLimitMb: 150 }],
  ] as const) {
    const own = await openStore(limits);
    await loadMany(own, 150_000, order);
    await own.compute(HANDBOOK);
    const manifest = await writeTrainingSet(own, optionsOf(150_000, { genuineShare: 0.5 }));
    digests.push(manifest.rowsSha256);
    own.close();
  }
  expect(new Set(digests).size).toBe(1);
});

test('genuine rows are sampled by id and seed and weighed; frauds are all kept', async () => {
  const options = optionsOf(COUNT, { genuineShare: 0.25 });
  const manifest = await writeTrainingSet(store, options);
  expect(manifest.frauds).toBe(COUNT / 10);
  expect(manifest.rows - manifest.frauds).toBeGreaterThan(50);
  expect(manifest.rows - manifest.frauds).toBeLessThan(140);
  expect(await rowsOf(options.directory, 'DISTINCT label, weight')).toEqual(
    expect.arrayContaining([
      [1, 1],
      [0, 4],
    ]),
  );
  const again = await writeTrainingSet(store, optionsOf(COUNT, { genuineShare: 0.25 }));
  const otherwise = await writeTrainingSet(store, optionsOf(COUNT, { genuineShare: 0.25, seed: 2 }));
  expect(again.rowsSha256).toBe(manifest.rowsSha256);
  expect(otherwise.rowsSha256).not.toBe(manifest.rowsSha256);
});

test('labels that arrive after the cut-off do not count, and a correction does', async () => {
  const own = await openStore();
  const loader = await own.load(HANDBOOK);
  const [a, b, c] = payments(3);
  for (const payment of [a!, b!, c!]) loader.payment(payment, arrivalOf(payment.acceptedAtMs));
  const later = (hours: number): number => arrivalOf(START_MS + hours * HOUR_MS);
  loader.label(a!.endToEndId, true, later(10));
  loader.label(b!.endToEndId, true, later(10) + 1);
  loader.label(b!.endToEndId, false, later(20));
  loader.label(c!.endToEndId, true, later(40));
  loader.close();
  await own.compute(HANDBOOK);
  const at = (hours: number) =>
    writeTrainingSet(
      own,
      optionsOf(3, { labelCutOffMs: START_MS + hours * HOUR_MS, labelCutOffArrival: later(hours) }),
    );
  expect([(await at(15)).frauds, (await at(30)).frauds, (await at(50)).frauds]).toEqual([2, 1, 2]);
  own.close();
});

test.each([
  ['a range without data', { fromMs: 0, toMs: 1_000, labelCutOffMs: START_MS }, 'range_without_data', 'from'],
  ['a cut-off before the range', { labelCutOffMs: START_MS - 1 }, 'cut_off_before_range', 'labelCutOff'],
  ['an empty range', { toMs: START_MS }, 'invalid_request', 'to'],
  ['a share of nothing', { genuineShare: 0 }, 'invalid_request', 'genuineShare'],
])('%s is refused by its field and leaves nothing', async (_, changes, code, field) => {
  const options = optionsOf(COUNT, changes);
  await expect(writeTrainingSet(store, options)).rejects.toMatchObject({
    code,
    errors: [expect.objectContaining({ field })],
  });
  expect(readdirSync(dirname(options.directory))).toEqual([]);
});

test('one that exists is never changed', async () => {
  const options = optionsOf(COUNT);
  await writeTrainingSet(store, options);
  await expect(writeTrainingSet(store, options)).rejects.toMatchObject({ code: 'already_exists' });
});

test('two that write one set at the same time: one does, the other is told, and the set is whole', async () => {
  const options = optionsOf(COUNT);
  const other = await computed(COUNT);
  const ends = await Promise.allSettled([writeTrainingSet(store, options), writeTrainingSet(other, options)]);
  other.close();
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already_exists' } });
  expect(readdirSync(dirname(options.directory))).toEqual(['set']);
  expect(readdirSync(options.directory).sort()).toEqual(['manifest.json', 'rows.parquet']);
});

test('what a crash left aside is no training set, and is removed', async () => {
  const options = optionsOf(COUNT);
  mkdirSync(`${options.directory}.part-1`);
  writeFileSync(join(`${options.directory}.part-1`, 'rows.parquet'), 'half');
  expect(existsSync(options.directory)).toBe(false);
  await writeTrainingSet(store, options);
  expect(readdirSync(dirname(options.directory))).toEqual(['set']);
});

test('a job that is cancelled half way leaves nothing, and the store works on', async () => {
  const own = await openStore();
  await loadMany(own, 300_000);
  await own.compute(HANDBOOK);
  const control = new AbortController();
  const options = optionsOf(300_000, { signal: control.signal });
  const isWriting = (): boolean => readdirSync(dirname(options.directory)).some((name) => name.startsWith('set.part-'));
  const cancelled = waitFor(isWriting, { intervalMs: 1 }).then(() => control.abort(new Error('cancelled')));
  await expect(writeTrainingSet(own, options)).rejects.toThrow('cancelled');
  await cancelled;
  expect(readdirSync(dirname(options.directory))).toEqual([]);
  expect((await writeTrainingSet(own, optionsOf(300_000))).rows).toBe(300_000);
  own.close();
});
