import { waitFor } from '@vigia/testing';
import { Client } from 'pg';
import { Bank } from './bank.fixture.js';
import { nextPayment, notRecorded } from './load.fixture.js';

jest.setTimeout(60_000);

let bank: Bank;
beforeAll(async () => {
  bank = await Bank.open();
});
afterAll(async () => {
  await blocker?.end();
  await bank.close();
});

/** Holds a lock that others must wait for, until its server dies or it ends. */
let blocker: Client | undefined;
async function lock(table: string): Promise<void> {
  blocker = new Client({ connectionString: bank.postgres.url });
  blocker.on('error', () => undefined);
  await blocker.connect();
  await blocker.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
}

test('PostgreSQL dies while scoring makes the partitions of the days ahead: scoring lives and answers', async () => {
  await lock('assessment_default');
  const scoring = await bank.startScoring();
  await waitFor(async () => (await waiting()).length > 0);
  await bank.postgres.kill9();
  expect((await scoring.assess(nextPayment())).degraded).toContain('ledger');
  await bank.postgres.restart();
  await scoring.drained();
  expect((await scoring.assess(nextPayment())).degraded).toEqual(['model']);
});

test('the connection breaks while the record is read: the reader is told to come back, scoring lives and answers', async () => {
  const scoring = await bank.startScoring({}, 'other');
  const { endToEndId } = await scoring.assess(nextPayment());
  await lock('assessment');
  const read = scoring.recorded(endToEndId);
  const refused = expect(read).rejects.toThrow('dependency_unavailable');
  await waitFor(async () => (await waiting()).length > 0);
  // As a crash of one backend or of the network: not a word before the end.
  for (const pid of await waiting()) process.kill(pid, 'SIGKILL');
  await refused;
  await waitFor(async () => !(await scoring.assess(nextPayment())).degraded.includes('ledger'));
  expect(await scoring.recorded(endToEndId)).toMatchObject({ endToEndId });
});

test('SIGTERM while PostgreSQL is away leaves the spool to the next start', async () => {
  const first = await bank.startScoring({}, 'third');
  await bank.postgres.kill9();
  const answers = await Promise.all(Array.from({ length: 20 }, () => first.assess(nextPayment())));
  expect(await first.app.stop()).toBe(0);
  const second = await bank.startScoring({}, 'third');
  expect(await second.metric('vigia_ledger_spool_rows')).toBe(answers.length);
  await bank.postgres.restart();
  await second.drained();
  expect(notRecorded(answers, await bank.record())).toEqual([]);
});

/** Process ids of the server's own processes that wait for a lock of the tests' making. */
async function waiting(): Promise<number[]> {
  const rows = await bank.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'vigia ledger'",
  );
  return rows.map(({ pid }) => pid);
}
