import { waitFor } from '@vigia/testing';
import { Client } from 'pg';
import { Bank } from './bank.fixture.js';
import { Load, nextPayment, notRecorded } from './load.fixture.js';

jest.setTimeout(60_000);

let bank: Bank;
beforeAll(async () => {
  bank = await Bank.open();
});
afterAll(() => bank.close());

test('SIGTERM under load: answers go on through the grace, and what was begun is answered and recorded', async () => {
  const scoring = await bank.startScoring({ SHUTDOWN_GRACE_MS: '500' });
  const load = new Load(() => scoring);
  await load.answered(200);

  const ended = scoring.app.stop();
  await load.answered(50);
  expect(await (await fetch(`${scoring.url}/health/ready`)).json()).toMatchObject({ status: 'draining' });
  expect(await ended).toBe(0);
  await load.stop();

  const record = await bank.record();
  expect(notRecorded(load.answers, record)).toEqual([]);
  // What was begun was answered. A connection that the system still queued at the end breaks with nothing begun.
  expect(record.size).toBe(load.answers.length);
  expect(load.refusals.filter(({ code, retryAfter }) => code !== 'shutting_down' || retryAfter !== '1')).toEqual([]);
  expect(scoring.log()).toContain('"msg":"closed"');
});

test('payments on their way at SIGTERM are finished, however long the commit takes; new ones are sent elsewhere', async () => {
  const scoring = await bank.startScoring();
  const blocker = new Client({ connectionString: bank.postgres.url });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE assessment IN EXCLUSIVE MODE');
  const begun = Array.from({ length: 20 }, () => scoring.assess(nextPayment()));
  await waitFor(async () => (await scoring.metric('vigia_requests_in_flight')) === begun.length);

  const ended = scoring.app.stop();
  await waitFor(async () => (await fetch(`${scoring.url}/health/ready`)).status === 503);
  const refused = await scoring.send(nextPayment());
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toMatchObject({ type: 'urn:vigia:problem:shutting_down' });

  await blocker.query('COMMIT');
  await blocker.end();
  const answers = await Promise.all(begun);
  expect(await ended).toBe(0);
  expect(answers.filter(({ degraded }) => degraded.includes('ledger'))).toEqual([]);
  expect(notRecorded(answers, await bank.record())).toEqual([]);
  await expect(scoring.send(nextPayment())).rejects.toThrow('fetch failed');
});
