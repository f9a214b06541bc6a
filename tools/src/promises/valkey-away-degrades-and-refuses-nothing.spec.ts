import type { Assessment } from '@vigia/contracts';
import { cpf, paymentBuilder, waitFor } from '@vigia/testing';
import { Bank, type Scoring } from './bank.fixture.js';
import { Load, nextPayment, notRecorded } from './load.fixture.js';

jest.setTimeout(60_000);

let bank: Bank;
let scoring: Scoring;
beforeAll(async () => {
  bank = await Bank.open();
  scoring = await bank.startScoring({ REDIS_TIMEOUT_MS: '1000' });
});
afterAll(() => bank.close());

const withoutFeatures = ({ degraded }: Assessment) => degraded.includes('features');
const withFeatures = (answer: Assessment) => !withoutFeatures(answer);

/** R$ 60 from a device that is not registered: the policy asks what it sent today. */
const fromUnregisteredDevice = () =>
  paymentBuilder({
    acceptedAt: new Date().toISOString(),
    amount: '60.00',
    payer: { taxId: cpf(5_000) },
    device: { id: 'unregistered', registered: false },
  });

async function nothingIsDegraded(): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 50 }, () => scoring.assess(nextPayment())));
  expect(answers.filter(withoutFeatures)).toEqual([]);
}

test('Valkey killed under load: every payment is answered without history, and with it once Valkey is back', async () => {
  const load = new Load(() => scoring);
  await load.answered(200, withFeatures);
  await bank.valkey.kill9();
  await load.answered(200, withoutFeatures);

  const alone = await scoring.assess(fromUnregisteredDevice());
  expect(alone).toMatchObject({ decision: 'review', degraded: ['features', 'model'] });
  expect(alone.reasons.map(({ code }) => code)).toContain('unregistered_device_day_unknown');
  const { vector } = (await scoring.recorded(alone.endToEndId))!;
  expect(vector).toMatchObject({ payer_count_10m: null, amount: 60 });

  // It comes back empty: without windows, and without the functions that keep them.
  await bank.valkey.restart();
  await load.answered(200, withFeatures);
  await load.stop();
  await nothingIsDegraded();
  const restored = await scoring.assess(fromUnregisteredDevice());
  expect(restored.degraded).toEqual(['model']);
  expect(restored.reasons.map(({ code }) => code)).not.toContain('unregistered_device_day_unknown');

  expect([load.refusals, load.lost]).toEqual([[], []]);
  expect(notRecorded(load.answers, await bank.record())).toEqual([]);
  expect(await scoring.metric('vigia_degraded_total')).toBeGreaterThanOrEqual(200);
});

test('Valkey that hangs without a word is given up within its time limit, and taken back when it speaks', async () => {
  const load = new Load(() => scoring);
  await load.answered(50, withFeatures);
  process.kill(bank.valkey.pid, 'SIGSTOP');
  try {
    await load.answered(200, withoutFeatures);
  } finally {
    process.kill(bank.valkey.pid, 'SIGCONT');
  }
  await load.answered(50, withFeatures);
  await load.stop();
  await nothingIsDegraded();
  expect([load.refusals, load.lost]).toEqual([[], []]);
});

test('without Valkey the record alone keeps one answer per payment, at two processes; one of them started without it', async () => {
  await bank.valkey.kill9();
  const other = await bank.startScoring({}, 'other');
  const payment = nextPayment();
  const asked = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? scoring : other).assess(payment));
  const answers = await Promise.all(asked);
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]!.degraded).toEqual(['features', 'model']);
  expect(notRecorded(answers, await bank.record())).toEqual([]);
  expect((await other.send({ ...payment, amount: '1.00' })).status).toBe(409);

  await bank.valkey.restart();
  await waitFor(async () => !(await other.assess(nextPayment())).degraded.includes('features'));
  expect(await other.assess(payment)).toEqual(answers[0]);
});
