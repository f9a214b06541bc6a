import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HANDBOOK, PIX } from '@vigia/features';
import { waitFor } from '@vigia/testing';
import { arrivalOf, computed, folder, loadMany, openStore, optionsOf, payments } from './history.fixture.js';
import { writeTrainingSet } from './training-set.js';

test('Parquet of another schema is refused by its columns', async () => {
  const from = await computed(20);
  const files = { payments: join(folder(), 'payments.parquet'), labels: join(folder(), 'labels.parquet') };
  await from.exportParquet(files);
  const store = await openStore();
  await store.importParquet(HANDBOOK, files);
  expect(await store.ask('SELECT count(*) FROM payments')).toEqual([[20n]]);
  await expect(store.importParquet(PIX, files)).rejects.toMatchObject({
    code: 'schema_mismatch',
    message: expect.stringContaining('device VARCHAR is missing') as string,
  });
  await expect(store.importParquet(HANDBOOK, { ...files, labels: files.payments })).rejects.toMatchObject({
    code: 'schema_mismatch',
    errors: [{ field: 'fraud', message: 'fraud BOOLEAN is missing' }],
  });
  await expect(store.importParquet(HANDBOOK, { ...files, labels: '/nowhere' })).rejects.toMatchObject({
    code: 'not_found',
  });
  store.close();
  from.close();
});

test('two payments with one arrival are refused', async () => {
  const store = await openStore();
  const loader = await store.load(HANDBOOK);
  for (const payment of payments(2)) loader.payment(payment, arrivalOf(1));
  loader.close();
  await expect(store.compute(HANDBOOK)).rejects.toThrow('same arrival');
  store.close();
});

const FOUR = `SELECT 10 * i AS arrival, concat('E', i) AS end_to_end_id, 1000 * i AS accepted_at_ms,
  CAST(5 AS BIGINT) AS amount_cents, TRUE AS observed, 'a' AS payer, 'b' AS payee FROM range(4) AS t(i)`;
const THEIR_LABELS = `SELECT 10 * i + 5 AS arrival, concat('E', i) AS end_to_end_id, TRUE AS fraud FROM range(4) AS t(i)`;

test.each([
  [
    'a payment without an id',
    `SELECT * REPLACE (NULL::VARCHAR AS end_to_end_id) FROM (${FOUR})`,
    THEIR_LABELS,
    'schema_mismatch',
    'end_to_end_id',
  ],
  [
    'a payment twice',
    `SELECT * REPLACE ('E1' AS end_to_end_id) FROM (${FOUR})`,
    THEIR_LABELS,
    'invalid_request',
    'end_to_end_id',
  ],
  [
    'two payments with one arrival',
    `SELECT * REPLACE (arrival // 20 AS arrival) FROM (${FOUR})`,
    THEIR_LABELS,
    'invalid_request',
    'arrival',
  ],
  [
    'two labels of one payment with one arrival',
    FOUR,
    `${THEIR_LABELS} UNION ALL (${THEIR_LABELS})`,
    'invalid_request',
    'arrival',
  ],
  [
    'a label before its payment',
    FOUR,
    `SELECT * REPLACE (arrival - 6 AS arrival) FROM (${THEIR_LABELS})`,
    'outcome_before_payment',
    'arrival',
  ],
])('Parquet with %s is refused, and what was loaded stays', async (_, ofPayments, ofLabels, code, field) => {
  const store = await openStore();
  const files = { payments: join(folder(), 'payments.parquet'), labels: join(folder(), 'labels.parquet') };
  const write = async (payments: string, labels: string): Promise<void> => {
    await store.run(`COPY (${payments}) TO '${files.payments}' (FORMAT parquet)`);
    await store.run(`COPY (${labels}) TO '${files.labels}' (FORMAT parquet)`);
  };
  await write(FOUR, THEIR_LABELS);
  await store.importParquet(HANDBOOK, files);
  await write(ofPayments, ofLabels);
  await expect(store.importParquet(HANDBOOK, files)).rejects.toMatchObject({
    code,
    errors: [expect.objectContaining({ field })],
  });
  expect(await store.ask('SELECT count(DISTINCT arrival) FROM payments')).toEqual([[4n]]);
  writeFileSync(files.labels, 'this is no Parquet');
  await expect(store.importParquet(HANDBOOK, files)).rejects.toMatchObject({ code: 'schema_mismatch' });
  store.close();
});

test('memory keeps to its limit, however long the history', async () => {
  const store = await openStore({ memoryLimitMb: 120 });
  await loadMany(store, 600_000);
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  await store.compute(HANDBOOK);
  expect((await writeTrainingSet(store, optionsOf(600_000))).rows).toBe(600_000);
  let inOrder = 0;
  let last = -1;
  for await (const { arrival } of store.vectors(HANDBOOK)) {
    inOrder += Number(arrival > last);
    last = arrival;
  }
  clearInterval(watch);
  expect(inOrder).toBe(600_000);
  // The engine itself and the vectors take 145 MB on top of the limit; with a limit of 2,000 MB all take 353 MB.
  expect((peak - before) / 1e6).toBeLessThan(120 + 200);
  store.close();
}, 120_000);

test('a limit that is too small is said so, and the store works on', async () => {
  const store = await openStore({ memoryLimitMb: 30 });
  await loadMany(store, 300_000);
  await expect(store.compute(HANDBOOK)).rejects.toMatchObject({
    code: 'storage_full',
    message: expect.stringContaining('more memory') as string,
  });
  expect(await store.ask('SELECT count(*) FROM payments')).toEqual([[300_000n]]);
  await expect(store.ask('SELECT * FROM features')).rejects.toThrow('features does not exist');
  store.close();
}, 120_000);

test('what exceeds the disk for spilled data is said so, and the store works on', async () => {
  const store = await openStore({ memoryLimitMb: 60, diskLimitMb: 5 });
  await expect(store.run('CREATE TEMP TABLE large AS SELECT uuid() FROM range(8000000)')).rejects.toMatchObject({
    code: 'storage_full',
    message: expect.stringContaining('disk is full') as string,
  });
  expect(await store.ask('SELECT 1')).toEqual([[1]]);
  store.close();
}, 120_000);

/** A file system of 1 MB. Only root may have one, and not in every container. */
async function onTinyDisk(use: (path: string) => Promise<void>): Promise<void> {
  const path = folder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'pipe' });
  try {
    await use(path);
  } finally {
    execFileSync('umount', [path]);
  }
}

function mayMount(): boolean {
  const path = folder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', path]).status === 0;
  return mounted && spawnSync('umount', [path]).status === 0;
}

(mayMount() ? test : test.skip)('a full disk is said so, and nothing is left on it', async () => {
  const store = await openStore();
  await loadMany(store, 300_000);
  await store.compute(HANDBOOK);
  await onTinyDisk(async (path) => {
    const options = optionsOf(300_000, { directory: join(path, 'set') });
    await expect(writeTrainingSet(store, options)).rejects.toMatchObject({ code: 'storage_full' });
    expect(readdirSync(path)).toEqual([]);
    expect(() => writeFileSync(join(path, 'else'), Buffer.alloc(2_000_000))).toThrow('ENOSPC');
    await expect(openStore({ temporaryDirectory: path })).rejects.toMatchObject({ code: 'storage_full' });
    expect(readdirSync(path)).toEqual(['else']);
  });
  expect((await writeTrainingSet(store, optionsOf(300_000))).rows).toBe(300_000);
  store.close();
});

test('a computation that is cancelled ends, tells why, leaves no features, and the store works on', async () => {
  const store = await openStore();
  await loadMany(store, 300_000);
  const control = new AbortController();
  const onProgress = (): void => control.abort(new Error('no longer wanted'));
  const running = store.compute(HANDBOOK, { signal: control.signal, onProgress });
  await expect(running).rejects.toThrow('no longer wanted');
  expect(await store.ask('SELECT count(*) FROM payments')).toEqual([[300_000n]]);
  await expect(store.ask('SELECT * FROM features')).rejects.toThrow('features does not exist');
  store.close();
}, 120_000);

test('cancelled before the engine has begun, a statement ends all the same', async () => {
  const store = await openStore();
  const control = new AbortController();
  const endless = 'SELECT count(*) FROM range(1000000000000) AS t(i) WHERE hash(i) = 1';
  const running = store.run(endless, { signal: control.signal });
  control.abort(new Error('no longer wanted'));
  await expect(running).rejects.toThrow('no longer wanted');
  store.close();
});

test('closing leaves nothing on disk', async () => {
  const temporaryDirectory = folder();
  const store = await openStore({ temporaryDirectory });
  expect(readdirSync(temporaryDirectory)).toHaveLength(1);
  store.close();
  await waitFor(() => readdirSync(temporaryDirectory).length === 0);
});
