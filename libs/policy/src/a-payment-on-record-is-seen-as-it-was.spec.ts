import { pseudonymousPaymentBuilder } from '@vigia/testing';
import { PolicyEngine, policyInputs, policySettings, recordedInputs } from './index.js';

const features = ['amount', 'night_sum_10h'];
const settings = policySettings.parse({});
const payment = pseudonymousPaymentBuilder({ acceptedAtMs: Date.parse('2026-11-21T01:00:00.000Z') });
const vector = Float32Array.of(10, 1_234.56);

test('the list of that day is told by the rules that fired, and what failed behind the policy is not shown to it', async () => {
  const list = { has: (pseudonym: string) => pseudonym === payment.payee.account };
  const scored = { probability: 0.25, degraded: ['model'] as const };
  const seen = policyInputs(features, settings, list)(payment, vector, scored);
  const { rules } = await (await PolicyEngine.load()).evaluate(seen);
  expect(rules).toContain('payee_blocked');
  const recorded = { payment, vector, rules, probability: 0.25, degraded: ['model', 'policy', 'ledger'] as const };
  expect(recordedInputs(features, settings)(recorded)).toEqual(seen);
});

test('the night is that of the settings that decide now', () => {
  const recorded = { payment, vector, rules: [], probability: null, degraded: [] };
  const later = policySettings.parse({ nightFromHour: 23 });
  expect(recordedInputs(features, settings)(recorded)).toMatchObject({ night: true, nightSumCents: 123_456 });
  expect(recordedInputs(features, later)(recorded)).toMatchObject({ night: false });
});
