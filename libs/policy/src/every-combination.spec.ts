import { decision, dictRestriction, initiationForm, purpose } from '@vigia/contracts';
import fc from 'fast-check';
import { PolicyEngine, type PolicyInput, type Verdict } from './index.js';

const severity = (verdict: Verdict): number => decision.options.indexOf(verdict.decision);

/** Amounts crowd around the limits, where rules change their mind. */
const cents = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.constantFrom(20_000, 20_001, 100_000, 100_001, 500_001, Number.MAX_SAFE_INTEGER),
);
const probability = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, Number.MIN_VALUE, 1e-30, 0.04, 0.3, 0.1 + 0.2, 0.9, 1),
);
const party = fc.record({ legalPerson: fc.boolean(), blocked: fc.boolean() });
const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null });

const payments: fc.Arbitrary<PolicyInput> = fc.record({
  side: fc.constantFrom('payer', 'payee'),
  amountCents: cents,
  initiationForm: fc.constantFrom(...initiationForm.options),
  purpose: fc.constantFrom(...purpose.options),
  payer: party,
  payee: party,
  dictRestriction: orNull(fc.constantFrom(...dictRestriction.options)),
  device: fc.record({ present: fc.boolean(), registered: orNull(fc.boolean()) }),
  unregisteredDeviceDayCents: orNull(cents),
  night: fc.boolean(),
  nightSumCents: orNull(cents),
  nightLimitCents: orNull(cents),
  trustedPayee: fc.boolean(),
  probability: orNull(probability),
  degraded: fc.subarray(['features', 'model', 'policy', 'ledger']),
});

/** The hard rules once more, in another language than the tables. */
function hardRulesOf(input: PolicyInput): string[] {
  const { payer, payee, device, amountCents } = input;
  const habit = input.side === 'payer' && input.purpose !== 'REFU' && input.purpose !== 'IPRT';
  const unregistered = habit && device.registered === false;
  const atNight = habit && input.night && !payer.legalPerson && !input.trustedPayee;
  const nightCents = Math.max(input.nightSumCents ?? 0, amountCents);
  return Object.entries({
    payer_blocked: payer.blocked,
    payee_blocked: payee.blocked,
    dict_restriction: input.dictRestriction !== null,
    unregistered_device_payment: unregistered && amountCents > 20_000,
    unregistered_device_day: unregistered && Math.max(input.unregisteredDeviceDayCents ?? 0, amountCents) > 100_000,
    night_limit: atNight && nightCents > (input.nightLimitCents ?? 100_000),
  }).flatMap(([code, fires]) => (fires ? [code] : []));
}

let policy: PolicyEngine;
beforeAll(async () => {
  policy = await PolicyEngine.load();
});

test('exactly the hard rules that apply fire, and then the payment is rejected', async () => {
  await fc.assert(
    fc.asyncProperty(payments, async (payment) => {
      const verdict = await policy.evaluate(payment);
      const hard = hardRulesOf(payment);
      expect(verdict.rules.slice(0, hard.length)).toEqual(hard);
      if (hard.length > 0) expect(verdict.decision).toBe('reject');
      else expect(verdict.decision === 'reject').toBe(verdict.rules.includes('score_reject'));
    }),
    { numRuns: 1_000 },
  );
});

test('a payment is approved when no rule fired, and only then; every rule has a text', async () => {
  await fc.assert(
    fc.asyncProperty(payments, async (payment) => {
      const { decision, rules } = await policy.evaluate(payment);
      expect(decision === 'approve').toBe(rules.length === 0);
      for (const rule of rules)
        expect(policy.ruleTexts[rule]).toEqual({ pt: expect.any(String), en: expect.any(String) });
    }),
    { numRuns: 300 },
  );
});

test('a higher probability never makes the decision milder', async () => {
  await fc.assert(
    fc.asyncProperty(payments, probability, probability, async (payment, one, other) => {
      const lower = await policy.evaluate({ ...payment, probability: Math.min(one, other) });
      const higher = await policy.evaluate({ ...payment, probability: Math.max(one, other) });
      expect(severity(higher)).toBeGreaterThanOrEqual(severity(lower));
    }),
    { numRuns: 500 },
  );
});

test('a higher amount never makes the decision milder', async () => {
  await fc.assert(
    fc.asyncProperty(payments, cents, async (payment, otherCents) => {
      const lower = await policy.evaluate({ ...payment, amountCents: Math.min(payment.amountCents, otherCents) });
      const higher = await policy.evaluate({ ...payment, amountCents: Math.max(payment.amountCents, otherCents) });
      expect(severity(higher)).toBeGreaterThanOrEqual(severity(lower));
    }),
    { numRuns: 500 },
  );
});

test('many payments at once get each its own verdict', async () => {
  const many = fc.sample(payments, { numRuns: 200, seed: 7 });
  const alone: Verdict[] = [];
  for (const payment of many) alone.push(await policy.evaluate(payment));
  expect(await Promise.all(many.map((payment) => policy.evaluate(payment)))).toEqual(alone);
});
