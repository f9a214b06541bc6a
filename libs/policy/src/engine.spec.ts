import type { Decision } from '@vigia/contracts';
import { PolicyEngine, policySettings, type PolicyInput, type PolicySettingsInput, type Verdict } from './index.js';
import { ordinaryPayment } from './probe-payments.js';

const engines = new Map<string, Promise<PolicyEngine>>();

function decide(change: Partial<PolicyInput>, settings: PolicySettingsInput = {}): Promise<Verdict> {
  const key = JSON.stringify(settings);
  const engine = engines.get(key) ?? PolicyEngine.load({ settings: policySettings.parse(settings) });
  engines.set(key, engine);
  return engine.then((policy) => policy.evaluate({ ...ordinaryPayment, ...change }));
}

const unregistered = { present: true, registered: false };
const firm = { legalPerson: true, blocked: false };

const cases: [name: string, change: Partial<PolicyInput>, decision: Decision, rules: string[]][] = [
  ['an ordinary payment', {}, 'approve', []],

  ['a payer on the blocked list', { payer: { legalPerson: false, blocked: true } }, 'reject', ['payer_blocked']],
  ['a payee on the blocked list', { payee: { legalPerson: false, blocked: true } }, 'reject', ['payee_blocked']],
  [
    'a payer on the blocked list, seen from the payee',
    { side: 'payee', payer: { legalPerson: false, blocked: true } },
    'reject',
    ['payer_blocked'],
  ],
  ['a blocked entry in DICT', { dictRestriction: 'entry_blocked' }, 'reject', ['dict_restriction']],
  [
    'an account with a fraud restriction in DICT',
    { dictRestriction: 'user_or_account_with_fraud_related_restriction' },
    'reject',
    ['dict_restriction'],
  ],

  [
    'R$ 200.00 from an unregistered device',
    { device: unregistered, amountCents: 20_000, unregisteredDeviceDayCents: 20_000 },
    'approve',
    [],
  ],
  [
    'R$ 200.01 from an unregistered device',
    { device: unregistered, amountCents: 20_001, unregisteredDeviceDayCents: 20_001 },
    'reject',
    ['unregistered_device_payment'],
  ],
  ['R$ 200.01 from a registered device', { amountCents: 20_001 }, 'approve', []],
  ['R$ 200.01 without a device', { device: { present: false, registered: null }, amountCents: 20_001 }, 'approve', []],
  [
    'R$ 200.01 from an unregistered device of another institution’s customer',
    { side: 'payee', device: unregistered, amountCents: 20_001 },
    'approve',
    [],
  ],
  [
    'R$ 1,000.00 on one day from an unregistered device',
    { device: unregistered, unregisteredDeviceDayCents: 100_000 },
    'approve',
    [],
  ],
  [
    'R$ 1,000.01 on one day from an unregistered device',
    { device: unregistered, unregisteredDeviceDayCents: 100_001 },
    'reject',
    ['unregistered_device_day'],
  ],
  [
    'an unregistered device with its day unknown',
    { device: unregistered },
    'review',
    ['unregistered_device_day_unknown'],
  ],
  [
    'more than the day’s limit at once with the day unknown',
    { device: unregistered, amountCents: 100_001, degraded: [] },
    'reject',
    ['unregistered_device_payment', 'unregistered_device_day', 'unregistered_device_day_unknown'],
  ],

  ['R$ 1,000.00 in one night', { night: true, nightSumCents: 100_000 }, 'approve', []],
  ['R$ 1,000.01 in one night', { night: true, nightSumCents: 100_001 }, 'reject', ['night_limit']],
  ['R$ 1,000.01 by day', { nightSumCents: 100_001 }, 'approve', []],
  [
    'R$ 1,000.01 at night to a trusted payee',
    { night: true, nightSumCents: 100_001, trustedPayee: true },
    'approve',
    [],
  ],
  ['R$ 1,000.01 at night from a firm', { night: true, nightSumCents: 100_001, payer: firm }, 'approve', []],
  ['R$ 1,000.01 at night, seen from the payee', { side: 'payee', night: true, nightSumCents: 100_001 }, 'approve', []],
  [
    'above the customer’s own lower night limit',
    { night: true, nightSumCents: 30_001, nightLimitCents: 30_000 },
    'reject',
    ['night_limit'],
  ],
  [
    'below the customer’s own higher night limit',
    { night: true, nightSumCents: 500_000, nightLimitCents: 500_000 },
    'approve',
    [],
  ],
  [
    'an own night limit of nothing',
    { night: true, nightSumCents: 15_000, nightLimitCents: 0 },
    'reject',
    ['night_limit'],
  ],
  ['R$ 200.00 at night with the night’s sum unknown', { night: true, amountCents: 20_000 }, 'approve', []],
  [
    'R$ 200.01 at night with the night’s sum unknown',
    { night: true, amountCents: 20_001 },
    'review',
    ['night_sum_unknown'],
  ],
  [
    'R$ 1,000.01 at once with the night’s sum unknown',
    { night: true, amountCents: 100_001 },
    'reject',
    ['night_limit', 'night_sum_unknown'],
  ],

  ['a probability just below review', { probability: 0.149_999 }, 'approve', []],
  ['a probability at review', { probability: 0.15 }, 'review', ['score_review']],
  ['a probability just below reject', { probability: 0.799_999 }, 'review', ['score_review']],
  ['a probability at reject', { probability: 0.8 }, 'reject', ['score_reject']],
  ['the same probability on R$ 200.01', { probability: 0.149_999, amountCents: 20_001 }, 'review', ['score_review']],
  ['the same probability on R$ 1,000.01', { probability: 0.149_999, amountCents: 100_001 }, 'review', ['score_review']],
  ['a low probability on R$ 1,000.00', { probability: 0.04, amountCents: 100_000 }, 'approve', []],
  ['a low probability on R$ 1,000.01', { probability: 0.04, amountCents: 100_001 }, 'review', ['score_review']],
  ['a low probability on R$ 5,000.00', { probability: 0.02, amountCents: 500_000 }, 'approve', []],
  ['a low probability on R$ 5,000.01', { probability: 0.02, amountCents: 500_001 }, 'review', ['score_review']],
  ['a payee’s bank tolerates more', { side: 'payee', probability: 0.19 }, 'approve', []],
  ['a payee’s bank at review', { side: 'payee', probability: 0.2 }, 'review', ['score_review']],
  ['a payee’s bank at reject', { side: 'payee', probability: 0.9 }, 'reject', ['score_reject']],
  ['the largest amount', { probability: 0.5, amountCents: Number.MAX_SAFE_INTEGER }, 'reject', ['score_reject']],

  ['a small payment without a score', { probability: null }, 'approve', []],
  ['R$ 2,000.00 without a score', { probability: null, amountCents: 200_000 }, 'approve', []],
  ['R$ 2,000.01 without a score', { probability: null, amountCents: 200_001 }, 'review', ['request_only_amount']],
  ['R$ 2,000.01 without features', { degraded: ['features'], amountCents: 200_001 }, 'review', ['request_only_amount']],
  ['R$ 2,000.01 with the ledger away', { degraded: ['ledger'], amountCents: 200_001 }, 'approve', []],
  [
    'a device of unknown registration without a score',
    { probability: null, device: { present: true, registered: null } },
    'review',
    ['request_only_device'],
  ],
  ['a device of unknown registration with a score', { device: { present: true, registered: null } }, 'approve', []],

  [
    'a return breaks every rule of behaviour',
    {
      purpose: 'IPRT',
      device: unregistered,
      amountCents: 500_000,
      night: true,
      probability: 1,
    },
    'approve',
    [],
  ],
  ['a return without a score', { purpose: 'REFU', probability: null, amountCents: 500_000 }, 'approve', []],
  [
    'a return to a blocked payee',
    { purpose: 'REFU', payee: { legalPerson: false, blocked: true } },
    'reject',
    ['payee_blocked'],
  ],
  [
    'everything at once',
    {
      payer: { legalPerson: false, blocked: true },
      payee: { legalPerson: true, blocked: true },
      dictRestriction: 'tax_id_number_blocked',
      device: unregistered,
      amountCents: 300_000,
      night: true,
      probability: 0.55,
      degraded: ['features'],
    },
    'reject',
    [
      'payer_blocked',
      'payee_blocked',
      'dict_restriction',
      'unregistered_device_payment',
      'unregistered_device_day',
      'night_limit',
      'score_review',
      'request_only_amount',
      'request_only_device',
      'unregistered_device_day_unknown',
      'night_sum_unknown',
    ],
  ],
];

test.each(cases)('%s', async (_name, change, decision, rules) => {
  expect(await decide(change)).toEqual({ decision, rules });
});
