import type { Assessment } from '@vigia/contracts';
import { Bank, type Scoring } from './bank.fixture.js';
import { Load, nextPayment, notRecorded } from './load.fixture.js';

jest.setTimeout(60_000);

let bank: Bank;
let scoring: Scoring;
beforeAll(async () => {
  bank = await Bank.open();
  scoring = await bank.startScoring();
});
afterAll(() => bank.close());

const spooled = ({ degraded }: Assessment) => degraded.includes('ledger');
const committed = (answer: Assessment) => !spooled(answer);

test('PostgreSQL killed under load: every payment is answered, and all stand in the record when it is back', async () => {
  const load = new Load(() => scoring);
  await load.answered(200, committed);
  await bank.postgres.kill9();
  await load.answered(300, spooled);
  expect(await scoring.metric('vigia_ledger_up')).toBe(0);
  await bank.postgres.restart();
  await load.answered(200, committed);
  await load.stop();
  await scoring.drained();

  expect([load.refusals, load.lost]).toEqual([[], []]);
  expect(notRecorded(load.answers, await bank.record())).toEqual([]);
  const { count } = (await bank.query<{ count: string }>('SELECT count(*) FROM assessment'))[0]!;
  expect(Number(count)).toBe(load.answers.length);
});

test('scoring killed while PostgreSQL is away: the spool brings every answer into the record', async () => {
  const load = new Load(() => scoring);
  await load.answered(100, committed);
  await bank.postgres.kill9();
  await load.answered(200, spooled);
  await scoring.app.kill9();
  scoring = await bank.startScoring();
  await load.answered(200, spooled);
  await load.stop();

  // Still away. What was answered before the kill is known, and answered again as it was.
  const payment = nextPayment();
  const first = await scoring.assess(payment);
  await scoring.app.kill9();
  scoring = await bank.startScoring();
  expect(await scoring.assess(payment)).toEqual(first);
  expect(await scoring.recorded(payment.endToEndId)).toMatchObject(first);
  const conflict = await scoring.send({ ...payment, amount: '1.00' });
  expect(conflict.status).toBe(409);

  await bank.postgres.restart();
  await scoring.drained();
  const record = await bank.record();
  expect(notRecorded([...load.answers, first], record)).toEqual([]);
  expect(record.get(payment.endToEndId)!.degraded).toEqual(first.degraded);
  expect(load.refusals).toEqual([]);
  expect((await scoring.assess(nextPayment())).degraded).toEqual(['model']);
});

test('two processes, one started while PostgreSQL is away, spool the same payments: the same decisions, one row each', async () => {
  await bank.postgres.kill9();
  const other = await bank.startScoring({}, 'other');
  const payments = Array.from({ length: 30 }, nextPayment);
  const here = await Promise.all(payments.map((payment) => scoring.assess(payment)));
  const there = await Promise.all(payments.map((payment) => other.assess(payment)));
  expect([...here, ...there].filter(committed)).toEqual([]);
  // Neither process can know of the other's answer; the decision is the same, since the windows are.
  expect(there.map(({ decision }) => decision)).toEqual(here.map(({ decision }) => decision));

  await bank.postgres.restart();
  await Promise.all([scoring.drained(), other.drained()]);
  const record = await bank.record();
  payments.forEach((_, i) => expect(notRecorded([here[i]!, there[i]!], record).length).toBe(1));
});
