import type { PseudonymousPayment } from '@vigia/contracts';
import { describeFeatures, nullMeaning } from './catalogue.js';
import { HANDBOOK } from './handbook.js';
import { PIX } from './pix.js';
import { compileFeatureSet } from './vector.js';
import type { FeatureSet } from './feature-set.js';

const PARTY = {
  person: 'k1.a',
  account: 'k1.b',
  accountType: 'CACC' as const,
  ispb: '12345678',
  legalPerson: false,
  taxIdValid: true,
};
/** With nothing that a payment may lack. */
const PAYMENT: PseudonymousPayment = {
  endToEndId: 'E12345678202611202315aaaaaaaaaaa',
  side: 'payee',
  amountCents: 95_000,
  acceptedAtMs: Date.UTC(2026, 10, 20, 23, 15),
  initiationForm: 'MANU',
  purpose: 'IPAY',
  priority: 'PAGPRI',
  hasTxId: false,
  hasRemittanceInformation: false,
  payer: PARTY,
  payee: PARTY,
};

const meaningOf = (set: FeatureSet, name: string): string =>
  nullMeaning(
    set,
    set.features.find((feature) => feature.name === name)!,
  );

test.each([
  [PIX, 'amount', 'never'],
  [PIX, 'device_age', '`device_first_seen_ms` is absent'],
  [PIX, 'payer_count_1d', 'the online store was away'],
  [PIX, 'payer_std_30d', 'fewer than two payments are in the window, or the online store was away'],
  [PIX, 'payer_since_last_30d', 'no payment before is in the window, or the online store was away'],
  [PIX, 'device_count_1d', 'the payment names no device, or the online store was away'],
  [PIX, 'night_sum_10h', 'the payer is a company, or it is not night, or the online store was away'],
  [PIX, 'payee_markers_60m', 'never'],
  [PIX, 'new_payee', '`pair_count_90d` is null'],
  [PIX, 'amount_to_payer_mean', '`payer_mean_30d` is null, or `payer_mean_30d` is 0'],
  [HANDBOOK, 'terminal_fraud_share_1d', 'the online store was away'],
  [HANDBOOK, 'during_night', 'never'],
] as const)('%#: the meaning of a missing value follows from the declaration', (set, name, meaning) =>
  expect(meaningOf(set, name)).toBe(meaning),
);

test('what is said never to be null is not null in a bare payment without history', () => {
  for (const set of [PIX, HANDBOOK]) {
    const vector = compileFeatureSet(set).vectorOf(PAYMENT, null);
    set.features.forEach((feature, index) => {
      if (nullMeaning(set, feature) === 'never') expect([feature.name, vector[index]]).not.toEqual([feature.name, NaN]);
    });
  }
});

test('a description says where a feature comes from', () => {
  expect(describeFeatures(PIX).find(({ name }) => name === 'payer_sum_1d')).toMatchObject({
    type: 'float32',
    unit: 'R$',
    entity: 'payer',
    aggregation: 'sum',
    window: { lengthMs: 86_400_000, delayMs: 0 },
    owner: PIX.owner,
  });
});
