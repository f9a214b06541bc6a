import { startPostgres, testPseudonym, waitFor, type OwnedServer } from '@vigia/testing';
import { Client } from 'pg';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { assessmentRow } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

jest.setTimeout(120_000);

let server: OwnedServer;
let ledger: Ledger;

beforeAll(async () => {
  server = await startPostgres();
  await migrate(server.url);
  ledger = Ledger.connect({ url: server.url, questionTimeoutMs: 2_000 });
});
afterAll(async () => {
  await ledger?.close();
  await server?.stop();
});

test('every review that was answered gets one case over a kill -9, also those that a spool brought later', async () => {
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  const ids: string[] = [];
  let spooled = 0;
  let isOver = false;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const person = testPseudonym(`payer ${ids.length % 300}`);
      const row = assessmentRow({ decision: 'review' }, { payer: { person } });
      const { stored } = await writer.record(row);
      ids.push(row.endToEndId);
      if (stored === 'spooled') spooled++;
    }
  };
  const follow = async (): Promise<void> => {
    while (!isOver) await ledger.cases.open(Date.now()).catch(() => undefined);
  };
  const work = Promise.all([lane(), lane(), lane(), lane(), follow(), follow()]);
  await waitFor(() => ids.length > 200);
  await server.kill9();
  await waitFor(() => spooled > 200);
  await server.restart();
  await waitFor(() => writer.counters().isUp, { timeoutMs: 60_000 });
  isOver = true;
  await work;
  await waitFor(() => writer.counters().spoolDepthRows === 0, { timeoutMs: 60_000 });
  await writer.close();
  while (!(await ledger.cases.open(Date.now())).isDone);

  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows: payments } = await client.query<{ id: string }>('SELECT end_to_end_id AS id FROM case_payment');
  const { rows: events } = await client.query<{ id: string }>(
    "SELECT end_to_end_id AS id FROM case_event WHERE kind IN ('opened', 'payment_added')",
  );
  await client.end();
  expect(payments.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect(events.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect(await ledger.cases.waiting()).toEqual({ count: 0, sinceMs: null });
});
