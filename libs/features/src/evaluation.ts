import type { BinaryOperator, Expression, UnaryOperator } from './expression.js';

/** Reads one number out of what is known of a payment; NaN is null. */
export type Evaluate = (fields: Float64Array, features: Float64Array) => number;

/** A result beyond the range of a double is null. */
const finite = (value: number): number => (Number.isFinite(value) ? value : NaN);
const truth = (value: boolean): number => (value ? 1 : 0);

const TWO_TO_63 = 2 ** 63;

/** Null from 2^63 on, where an engine's whole numbers end. */
const floor = (x: number): number => (Math.abs(x) < TWO_TO_63 ? Math.floor(x) : NaN);

const UNARY: Record<UnaryOperator, (x: number) => number> = {
  floor,
  not: (x) => (x !== x ? NaN : truth(x === 0)),
  isNull: (x) => truth(x !== x),
};

const BINARY: Record<BinaryOperator, (x: number, y: number) => number> = {
  add: (x, y) => finite(x + y),
  subtract: (x, y) => finite(x - y),
  multiply: (x, y) => finite(x * y),
  divide: (x, y) => (y === 0 ? NaN : finite(x / y)),
  modulo: (x, y) => (y === 0 ? NaN : finite(x - y * floor(x / y))),
  greater: (x, y) => (x !== x || y !== y ? NaN : truth(x > y)),
  atLeast: (x, y) => (x !== x || y !== y ? NaN : truth(x >= y)),
  equal: (x, y) => (x !== x || y !== y ? NaN : truth(x === y)),
  and: (x, y) => (x !== x || y !== y ? NaN : truth(x !== 0 && y !== 0)),
  or: (x, y) => (x !== x || y !== y ? NaN : truth(x !== 0 || y !== 0)),
  coalesce: (x, y) => (x !== x ? y : x),
};

/**
 * Compiles an expression to a closure over two arrays.
 * @param fieldIndex position of a field's value; throws for an unknown name
 * @param featureIndex position of an earlier feature's value; throws for an unknown or later one
 */
export function compile(
  expression: Expression,
  fieldIndex: (name: string) => number,
  featureIndex: (name: string) => number,
): Evaluate {
  const node = (inner: Expression): Evaluate => compile(inner, fieldIndex, featureIndex);
  switch (expression.op) {
    case 'constant': {
      const { value } = expression;
      return () => value;
    }
    case 'field': {
      const at = fieldIndex(expression.name);
      return (fields) => fields[at]!;
    }
    case 'feature': {
      const at = featureIndex(expression.name);
      return (_, features) => features[at]!;
    }
    case 'when': {
      const [condition, then, otherwise] = [expression.condition, expression.then, expression.otherwise].map(node);
      return (fields, features) => {
        const chosen = condition!(fields, features);
        if (chosen !== chosen) return NaN;
        return chosen !== 0 ? then!(fields, features) : otherwise!(fields, features);
      };
    }
    default: {
      if ('of' in expression) {
        const apply = UNARY[expression.op];
        const of = node(expression.of);
        return (fields, features) => apply(of(fields, features));
      }
      const apply = BINARY[expression.op];
      const left = node(expression.left);
      const right = node(expression.right);
      return (fields, features) => apply(left(fields, features), right(fields, features));
    }
  }
}
