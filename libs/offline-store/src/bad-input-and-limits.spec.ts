import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HANDBOOK, PIX } from '@vigia/features';
import { waitFor } from '@vigia/testing';
import { arrivalOf, computed, folder, openStore, payments } from './history.fixture.js';

const MILLION = `SELECT 2 * i AS arrival, concat('E', i) AS end_to_end_id, 1790000000000 + 1000 * i AS accepted_at_ms,
  CAST(100 AS BIGINT) AS amount_cents, TRUE AS observed, concat('payer ', i % 5000) AS payer, concat('payee ', i % 9000) AS payee
  FROM range(1000000) AS t(i)`;

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

test('what exceeds the disk is said so, and the store works on', async () => {
  const store = await openStore({ memoryLimitMb: 60, diskLimitMb: 1 });
  await store.load(HANDBOOK).then((loader) => loader.close());
  await store.run(`INSERT INTO payments ${MILLION}`);
  await expect(store.compute(HANDBOOK)).rejects.toMatchObject({ code: 'storage_full' });
  expect(await store.ask('SELECT 1')).toEqual([[1]]);
  store.close();
}, 120_000);

test('a computation that is cancelled ends, tells why, and the store works on', async () => {
  const store = await openStore({ memoryLimitMb: 2_000 });
  await store.load(HANDBOOK).then((loader) => loader.close());
  await store.run(`INSERT INTO payments ${MILLION}`);
  const controller = new AbortController();
  const running = store.compute(HANDBOOK, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('no longer wanted')),
  });
  await expect(running).rejects.toThrow('no longer wanted');
  expect(await store.ask('SELECT count(*) FROM payments')).toEqual([[1_000_000n]]);
  store.close();
}, 120_000);

test('closing leaves nothing on disk', async () => {
  const temporaryDirectory = folder();
  const store = await openStore({ temporaryDirectory });
  expect(readdirSync(temporaryDirectory)).toHaveLength(1);
  store.close();
  await waitFor(() => readdirSync(temporaryDirectory).length === 0);
});
