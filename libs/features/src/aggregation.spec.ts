import fc from 'fast-check';
import { standardDeviation } from './aggregation.js';

const split = (amounts: number[]): [number, number, number, number] => {
  const squares = amounts.reduce((total, amount) => total + BigInt(amount) ** 2n, 0n);
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  return [amounts.length, sum, Number(squares >> 40n), Number(squares & ((1n << 40n) - 1n))];
};

describe('standard deviation', () => {
  it('is 0 for equal amounts, however large', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 2, max: 1000 }), (amount, times) => {
        expect(standardDeviation(...split(Array<number>(times).fill(amount)))).toBe(0);
      }),
    );
  });

  it('is missing below two events', () => {
    expect(standardDeviation(...split([]))).toBeNaN();
    expect(standardDeviation(...split([500]))).toBeNaN();
  });

  it('agrees with the two-pass formula', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 2, maxLength: 50 }), (amounts) => {
        const mean = amounts.reduce((a, b) => a + b, 0) / amounts.length;
        const variance = amounts.reduce((a, b) => a + (b - mean) ** 2, 0) / (amounts.length - 1);
        expect(standardDeviation(...split(amounts))).toBeCloseTo(Math.sqrt(variance) / 100, 2);
      }),
    );
  });
});
