import { Bank } from './bank.fixture.js';
import { Load, notRecorded } from './load.fixture.js';

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
  expect(load.refusals.filter(({ status }) => status !== 503)).toEqual([]);
  expect(scoring.log()).toContain('"msg":"closed"');
});
