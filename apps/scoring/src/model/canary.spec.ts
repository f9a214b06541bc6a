import { testPseudonym } from '@vigia/testing';
import { canaryPosition, isCanary } from './canary.js';

const PAYERS = Array.from({ length: 2_000 }, (_, n) => testPseudonym(`payer ${n}`));

test('a share of the payers, and always the same ones', () => {
  const chosen = PAYERS.filter((payer) => isCanary(payer, 0.1));
  // Binomial: 200 expected, standard deviation 13.4.
  expect(chosen.length).toBeGreaterThan(140);
  expect(chosen.length).toBeLessThan(260);
  expect(PAYERS.filter((payer) => isCanary(payer, 0.1))).toEqual(chosen);
  // Who is in stays in when the share grows.
  expect(chosen.every((payer) => isCanary(payer, 0.2))).toBe(true);
});

test('0 is nobody and 1 everybody', () => {
  expect(PAYERS.some((payer) => isCanary(payer, 0))).toBe(false);
  expect(PAYERS.every((payer) => isCanary(payer, 1))).toBe(true);
});

test('the position of a payer does not depend on the version of this program', () => {
  expect(canaryPosition('k1.AAAAAAAAAAAAAAAAAAAAAA')).toBeCloseTo(0.9635425322421156, 12);
});
