import type { PolicyInput } from './policy-input.js';

/** R$ 150.00 by key, by day, from a registered device, to nobody's suspicion. */
export const ordinaryPayment: PolicyInput = {
  side: 'payer',
  amountCents: 15_000,
  initiationForm: 'DICT',
  purpose: 'IPAY',
  payer: { legalPerson: false, blocked: false },
  payee: { legalPerson: false, blocked: false },
  dictRestriction: null,
  device: { present: true, registered: true },
  unregisteredDeviceDayCents: null,
  night: false,
  nightSumCents: null,
  nightLimitCents: null,
  trustedPayee: false,
  probability: 0.001,
  degraded: [],
};

/** Payments that every policy must answer; together they fill every field of the input at least once. */
export const probePayments: PolicyInput[] = (['payer', 'payee'] as const).flatMap((side) =>
  [
    {},
    { amountCents: 1 },
    { amountCents: 99_999_999_99 },
    { purpose: 'IPRT' as const, initiationForm: 'MANU' as const },
    { payer: { legalPerson: true, blocked: true } },
    { payee: { legalPerson: true, blocked: true } },
    { dictRestriction: 'entry_blocked' as const },
    { device: { present: false, registered: null } },
    { device: { present: true, registered: false }, unregisteredDeviceDayCents: 100_001, amountCents: 20_001 },
    { night: true, nightSumCents: 100_001, nightLimitCents: 50_000 },
    { night: true, nightSumCents: 15_000, trustedPayee: true },
    { night: true, probability: null, degraded: ['features', 'model'] as const, amountCents: 500_000 },
    { probability: 0 },
    { probability: 0.5 },
    { probability: 1 },
  ].map((part) => ({ ...ordinaryPayment, side, ...part })),
);
