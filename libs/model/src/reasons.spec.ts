import { reason } from '@vigia/contracts';
import fc from 'fast-check';
import { reasonsOf } from './reasons.js';

const catalogue = {
  amount: { code: 'unusual_amount', pt: 'Valor incomum', en: 'Unusual amount' },
  hour: { code: 'unusual_hour', pt: 'Horário incomum', en: 'Unusual hour' },
  count_1h: { code: 'velocity', pt: 'Muitos pagamentos em uma hora', en: 'Many payments in an hour' },
  count_24h: { code: 'velocity', pt: 'Muitos pagamentos em um dia', en: 'Many payments in a day' },
};
const features = Object.keys(catalogue);
const contributed = (...values: number[]) =>
  values.map((contribution, index) => ({ feature: features[index]!, contribution }));

test('features of one code are merged under the strongest, codes against fraud are left out', () => {
  const reasons = reasonsOf(contributed(0.5, -2, 0.25, 0.75), Float32Array.of(0.1, 3, NaN, 12), catalogue);
  expect(reasons).toEqual([
    {
      code: 'velocity',
      feature: 'count_24h',
      value: 12,
      contribution: 1,
      pt: 'Muitos pagamentos em um dia',
      en: 'Many payments in a day',
    },
    {
      code: 'unusual_amount',
      feature: 'amount',
      value: 0.1,
      contribution: 0.5,
      pt: 'Valor incomum',
      en: 'Unusual amount',
    },
  ]);
});

test('a code whose features cancel out is no reason', () => {
  expect(reasonsOf(contributed(0, 0, 0.5, -0.5), new Float32Array(4), catalogue)).toEqual([]);
});

test('a missing value is null', () => {
  const [velocity] = reasonsOf(contributed(0, 0, 1, 0), Float32Array.of(0, 0, NaN, 0), catalogue);
  expect(velocity).toMatchObject({ feature: 'count_1h', value: null });
});

test('a feature without text is an error even when it speaks for nothing', () => {
  expect(() => reasonsOf([{ feature: 'unknown', contribution: -1 }], new Float32Array(1), catalogue)).toThrow(
    'Feature unknown has no reason text',
  );
});

test('reasons fit the contract, fall in strength, and show the float32 that was scored', () => {
  const number = fc.double({ min: -5, max: 5, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 4, maxLength: 4 }),
      fc.array(fc.float(), { minLength: 4, maxLength: 4 }),
      fc.nat(4),
      (parts, values, limit) => {
        const vector = Float32Array.from(values);
        const reasons = reasonsOf(contributed(...parts), vector, catalogue, limit);
        expect(reasons.length).toBeLessThanOrEqual(limit);
        reasons.forEach((each, index) => {
          reason.parse(each);
          expect(each.contribution).toBeGreaterThan(0);
          if (index > 0) expect(each.contribution).toBeLessThanOrEqual(reasons[index - 1]!.contribution!);
          const scored = vector[features.indexOf(each.feature!)]!;
          if (Number.isFinite(scored)) expect(Math.fround(each.value!) === scored).toBe(true);
          else expect(each.value).toBeNull();
        });
      },
    ),
  );
});
