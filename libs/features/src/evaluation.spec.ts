import fc from 'fast-check';
import { compile } from './evaluation.js';
import * as e from './expression.js';

const evaluate = (expression: e.Expression, fields: Record<string, number> = {}): number => {
  const names = Object.keys(fields);
  const index = (name: string): number => names.indexOf(name);
  return compile(expression, index, index)(Float64Array.from(Object.values(fields)), new Float64Array());
};

describe('expression', () => {
  it('divides by zero to null', () => {
    expect(evaluate(e.divide(1, 0))).toBeNaN();
    expect(evaluate(e.modulo(1, 0))).toBeNaN();
  });

  it('takes the remainder with the sign of the divisor', () => {
    expect(evaluate(e.modulo(-1, 24))).toBe(23);
    expect(evaluate(e.modulo(49, 24))).toBe(1);
  });

  it('gives null for null but in coalesce, isNull and the untaken arm', () => {
    const missing = e.field('x');
    const at = { x: NaN };
    for (const operator of [e.add, e.subtract, e.multiply, e.divide, e.greater, e.atLeast, e.equal, e.and, e.or])
      expect(evaluate(operator(missing, 1), at)).toBeNaN();
    expect(evaluate(e.not(missing), at)).toBeNaN();
    expect(evaluate(e.coalesce(missing, 7), at)).toBe(7);
    expect(evaluate(e.isNull(missing), at)).toBe(1);
    expect(evaluate(e.when(missing, 1, 2), at)).toBeNaN();
    expect(evaluate(e.when(e.greater(1, 0), 3, missing), at)).toBe(3);
  });

  it('never gives an infinity from finite values', () => {
    const number = fc.double({ noDefaultInfinity: true, noNaN: true });
    fc.assert(
      fc.property(number, number, (x, y) => {
        for (const operator of [e.add, e.subtract, e.multiply, e.divide, e.modulo, e.greater, e.equal, e.coalesce])
          expect([Infinity, -Infinity]).not.toContain(evaluate(operator(x, y)));
      }),
    );
  });

  it('names its fields and features', () => {
    expect(e.namesIn(e.when(e.field('a'), e.feature('b'), e.not(e.field('c'))))).toEqual({
      fields: ['a', 'c'],
      features: ['b'],
    });
  });
});
