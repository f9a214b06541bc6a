import type { Assessment } from '@vigia/contracts';
import { Bank } from './bank.fixture.js';
import { Load, notRecorded } from './load.fixture.js';

jest.setTimeout(60_000);

let bank: Bank;
beforeAll(async () => {
  bank = await Bank.open();
});
afterAll(() => bank.close());

const spooled = ({ degraded }: Assessment) => degraded.includes('ledger');
const committed = (answer: Assessment) => !spooled(answer);

test('PostgreSQL that hangs without a word is given up within its time limit, and every answer stands in the record once', async () => {
  const scoring = await bank.startScoring({ DATABASE_TIMEOUT_MS: '1000' });
  const load = new Load(() => scoring);
  await load.answered(100, committed);

  // New connections are taken by the system and answered by nobody; a commit may be under way, unseen.
  const writers = await bank.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'vigia ledger%'",
  );
  const stopped = [bank.postgres.pid, ...writers.map(({ pid }) => pid)];
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  try {
    await load.answered(300, spooled);
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
  }
  await load.answered(100, committed);
  await load.stop();
  await scoring.drained();

  expect([load.refusals, load.lost]).toEqual([[], []]);
  const record = await bank.record();
  expect(notRecorded(load.answers, record)).toEqual([]);
  expect(record.size).toBe(load.answers.length);
});
