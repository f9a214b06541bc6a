import { Bank, type Scoring } from './bank.fixture.js';
import { Load, notRecorded } from './load.fixture.js';

jest.setTimeout(60_000);

let bank: Bank;
beforeAll(async () => {
  bank = await Bank.open();
});
afterAll(() => bank.close());

test('scoring killed twice under load has recorded every payment that it answered, as it answered it', async () => {
  let scoring: Scoring = await bank.startScoring();
  const load = new Load(() => scoring);
  for (let kill = 0; kill < 2; kill++) {
    await load.answered(300);
    await scoring.app.kill9();
    scoring = await bank.startScoring();
  }
  await load.answered(100);
  await load.stop();

  const record = await bank.record();
  expect(load.answers.length).toBeGreaterThan(700);
  expect(notRecorded(load.answers, record)).toEqual([]);
  expect(new Set(load.answers.map(({ decision }) => decision)).size).toBeGreaterThan(1);
  expect(load.refusals).toEqual([]);

  // The kills broke payments on their way. Sent again, each is answered, as recorded where it was.
  const broken = load.lost.filter(({ why }) => why !== 'ECONNREFUSED');
  expect(broken.length).toBeGreaterThan(0);
  const repeats = await Promise.all(broken.map(({ payment }) => scoring.assess(payment)));
  const after = await bank.record();
  expect(notRecorded(repeats, after)).toEqual([]);
  for (const [endToEndId, row] of record) expect(after.get(endToEndId)).toEqual(row);
});
