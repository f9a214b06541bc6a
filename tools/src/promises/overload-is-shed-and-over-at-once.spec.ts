import { waitFor } from '@vigia/testing';
import { Bank, type Scoring } from './bank.fixture.js';
import { Load, nextPayment, notRecorded } from './load.fixture.js';

jest.setTimeout(60_000);

let bank: Bank;
let scoring: Scoring;
beforeAll(async () => {
  bank = await Bank.open();
  scoring = await bank.startScoring({ MAX_IN_FLIGHT: '8' });
});
afterAll(() => bank.close());

test('64 clients where 8 fit: some are told to retry, the others are answered and recorded, health stays ready', async () => {
  const load = new Load(() => scoring, 64);
  const readiness = new Set<number>();
  await waitFor(
    async () => {
      readiness.add((await fetch(`${scoring.url}/health/ready`)).status);
      return load.answers.length >= 300 && load.refusals.length >= 300;
    },
    { timeoutMs: 30_000 },
  );
  await load.stop();

  expect([...readiness]).toEqual([200]);
  expect(load.lost).toEqual([]);
  expect(new Set(load.refusals.map(({ status, code, retryAfter }) => `${status} ${code} ${retryAfter}`))).toEqual(
    new Set(['503 overloaded 1']),
  );
  const record = await bank.record();
  expect(notRecorded(load.answers, record)).toEqual([]);
  expect(load.answers.every(({ degraded }) => degraded.join() === 'model')).toBe(true);

  // The load is over: nothing is shed any more, and what was shed left no trace.
  const shed = load.refusals.slice(0, 40).map(({ payment }) => payment);
  expect(shed.filter(({ endToEndId }) => record.has(endToEndId))).toEqual([]);
  for (const payment of [...shed, nextPayment()]) await scoring.assess(payment);
  await waitFor(async () => (await scoring.metric('vigia_requests_in_flight')) === 0);
});
