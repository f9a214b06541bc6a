import type { PseudonymousPayment } from '@vigia/contracts';
import { aggregate, computed } from './declaration.js';
import { field, feature } from './expression.js';
import { hashOf, type FeatureSet } from './feature-set.js';
import { HANDBOOK } from './handbook.js';
import { onlinePlanOf } from './online-plan.js';
import { PIX } from './pix.js';
import { layoutOf, slot } from './plan.js';
import { compileFeatureSet } from './vector.js';

const pseudonym = (letter: string): string => `k1.${letter.repeat(22)}`;
const payment = (overrides: Partial<PseudonymousPayment> = {}): PseudonymousPayment => ({
  endToEndId: 'E12345678202611202315aB3dE5fG7hJ',
  side: 'payer',
  amountCents: 95_000,
  acceptedAtMs: Date.parse('2026-11-20T23:15:03.900Z'),
  initiationForm: 'DICT',
  purpose: 'IPAY',
  priority: 'PAGPRI',
  hasTxId: false,
  hasRemittanceInformation: false,
  payer: {
    person: pseudonym('a'),
    account: pseudonym('b'),
    accountType: 'CACC',
    ispb: '12345678',
    legalPerson: false,
    taxIdValid: true,
  },
  payee: {
    person: pseudonym('c'),
    account: pseudonym('d'),
    accountType: 'CACC',
    ispb: '87654321',
    legalPerson: false,
    taxIdValid: true,
  },
  ...overrides,
});

const pix = compileFeatureSet(PIX);
const value = (vector: Float32Array, name: string): number => vector[pix.indexOf(name)]!;

describe('feature vector', () => {
  it('reads the hour in Brasília: 23:15 UTC is 20:15, night', () => {
    const vector = pix.vectorOf(payment(), null);
    expect(value(vector, 'local_hour')).toBe(20);
    expect(value(vector, 'is_night')).toBe(1);
    expect(value(vector, 'day_of_week')).toBe(4);
    expect(value(vector, 'look_up_to_payment')).toBeCloseTo(3.9, 3);
  });

  it('leaves aggregates missing without the online store and keeps what the payment says', () => {
    const vector = pix.vectorOf(payment(), null);
    expect(value(vector, 'amount')).toBe(950);
    expect(value(vector, 'payer_count_1d')).toBeNaN();
    expect(value(vector, 'amount_to_payer_mean')).toBeNaN();
    expect(value(vector, 'device_registered')).toBeNaN();
  });

  it('turns the store’s answer into reais, seconds and ratios', () => {
    const values = new Float64Array(layoutOf(pix.plan).length).fill(0);
    const { offsets } = layoutOf(pix.plan);
    const at = Date.parse('2026-11-20T23:15:03.900Z');
    values.set([at, 3, at - 90_000], offsets[0]);
    const month = pix.plan.states[0]!.windows.findIndex(({ lengthMs }) => lengthMs === 30 * 86_400_000);
    values[slot(pix.plan, 0, month, 'count')] = 3;
    values[slot(pix.plan, 0, month, 'sum')] = 30_000;
    values[slot(pix.plan, 0, month, 'oldest')] = at - 86_400_000;
    const vector = pix.vectorOf(payment(), values);
    expect(value(vector, 'payer_mean_30d')).toBe(100);
    expect(value(vector, 'amount_to_payer_mean')).toBeCloseTo(9.5, 6);
    expect(value(vector, 'payer_since_last_30d')).toBe(90);
  });

  it('touches the night and the unregistered device only when there is one', () => {
    const names = pix.plan.entities.map(({ name }) => name);
    const touched = (p: PseudonymousPayment): string[] => names.filter((_, index) => pix.entitiesOf(p)[index] !== null);
    expect(touched(payment({ acceptedAtMs: Date.parse('2026-11-20T15:00:00.000Z') }))).toEqual([
      'payer',
      'payee',
      'payee_as_payer',
      'pair',
    ]);
    expect(touched(payment({ device: { id: pseudonym('e'), registered: false } }))).toEqual(names);
  });

  it('keys both halves of one night alike and the next night apart', () => {
    const night = (instant: string): string | undefined =>
      pix.entitiesOf(payment({ acceptedAtMs: Date.parse(instant) }))[
        pix.plan.entities.findIndex(({ name }) => name === 'night')
      ]?.key;
    expect(night('2026-11-21T01:00:00.000Z')).toBe(night('2026-11-21T08:59:59.999Z'));
    expect(night('2026-11-21T09:00:00.000Z')).toBeUndefined();
    expect(night('2026-11-21T23:00:00.000Z')).not.toBe(night('2026-11-21T01:00:00.000Z'));
  });

  it('does not observe returns', () => {
    expect(pix.observes(payment())).toBe(true);
    expect(pix.observes(payment({ purpose: 'REFU' }))).toBe(false);
    expect(pix.observes(payment({ purpose: 'IPRT' }))).toBe(false);
  });
});

describe('feature set', () => {
  const set = (features: FeatureSet['features']): FeatureSet => ({
    name: 'test',
    owner: 'tests',
    entities: [{ name: 'payer', key: ['payer'] }],
    features,
    reasons: { R: { pt: 'r', en: 'r' } },
  });

  it('has a hash of its meaning, not of its prose', () => {
    const one = set([computed('a', 'text', 'u', 'R', field('amount_cents'))]);
    expect(hashOf(one)).toBe(hashOf(set([computed('a', 'other', 'v', 'R', field('amount_cents'))])));
    expect(hashOf(one)).not.toBe(hashOf(set([computed('a', 'text', 'u', 'R', field('accepted_at_ms'))])));
  });

  it('refuses unknown fields, later features, double names and unknown reasons', () => {
    expect(() => compileFeatureSet(set([computed('a', '', '', 'R', field('nothing'))]))).toThrow('no field nothing');
    expect(() =>
      compileFeatureSet(
        set([computed('a', '', '', 'R', feature('b')), computed('b', '', '', 'R', field('amount_cents'))]),
      ),
    ).toThrow('declared later');
    expect(() =>
      compileFeatureSet(set([aggregate('payer', 'count', '1d', 'R'), aggregate('payer', 'count', '1d', 'R')])),
    ).toThrow('declared twice');
    expect(() => compileFeatureSet(set([aggregate('payer', 'count', '1d', 'X')]))).toThrow('no reason X');
  });

  it('refuses a maximum over a delayed window', () => {
    expect(() => onlinePlanOf(set([aggregate('payer', 'maximum', '1d@7d', 'R')]))).toThrow('delayed window');
  });

  it('ships pix and the 15 features of the handbook, with a reason each', () => {
    expect(compileFeatureSet(HANDBOOK).features).toHaveLength(15);
    for (const compiled of [pix, compileFeatureSet(HANDBOOK)])
      expect(Object.keys(compiled.reasons).sort()).toEqual([...compiled.features].sort());
  });
});
