import { corrected, type Tested } from './significance.js';

const tested = (signal: string, pValue: number | null): Tested => ({
  signal,
  kind: 'feature_drift',
  numbers: {},
  measured: true,
  value: 1,
  pValue,
});
const significantAmong = (others: number, pValue = 0.005): boolean => {
  const all = [tested('one', pValue), ...Array.from({ length: others }, (_, index) => tested(`${index}`, 0.9))];
  const [one] = corrected(all);
  return one!.measured && one!.significant;
};

test('a p value that tells alone tells nothing among many', () => {
  expect([0, 1, 2, 200].map((others) => significantAmong(others))).toEqual([true, true, false, false]);
  expect(significantAmong(200, 1e-5)).toBe(true);
});

test('what could not be tested speaks for no alarm and counts for nothing', () => {
  const lacking: Tested = {
    signal: 'l',
    kind: 'feature_drift',
    numbers: {},
    measured: false,
    reason: 'few',
    usable: true,
  };
  const answers = corrected([tested('one', 0.009), tested('none', null), lacking]);
  expect(answers).toMatchObject([
    { significant: true, numbers: { adjustedP: 0.009 } },
    { significant: false, numbers: { adjustedP: null } },
    { measured: false, reason: 'few' },
  ]);
});
