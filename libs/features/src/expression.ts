/**
 * The expression language of features: small, total, the same in every engine to the last bit: only operations that
 * IEEE 754 rounds correctly (no logarithm: each engine has its own).
 * Values are doubles; a missing value is null (NaN inside). Null in, null out, but for `coalesce`, `isNull` and the
 * untaken arm of `when`. Division by zero and results beyond a double's range
 * are null. Truth is 1, falsehood 0.
 */
export type Expression =
  | { op: 'constant'; value: number }
  | { op: 'field'; name: string }
  | { op: 'feature'; name: string }
  | { op: UnaryOperator; of: Expression }
  | { op: BinaryOperator; left: Expression; right: Expression }
  | { op: 'when'; condition: Expression; then: Expression; otherwise: Expression };

export type UnaryOperator = 'floor' | 'not' | 'isNull';
export type BinaryOperator =
  'add' | 'subtract' | 'multiply' | 'divide' | 'modulo' | 'greater' | 'atLeast' | 'equal' | 'and' | 'or' | 'coalesce';

export type Operand = Expression | number;

const lift = (operand: Operand): Expression =>
  typeof operand === 'number' ? { op: 'constant', value: operand } : operand;
const binary =
  (op: BinaryOperator) =>
  (left: Operand, right: Operand): Expression => ({ op, left: lift(left), right: lift(right) });
const unary =
  (op: UnaryOperator) =>
  (of: Operand): Expression => ({ op, of: lift(of) });

export const field = (name: string): Expression => ({ op: 'field', name });
export const feature = (name: string): Expression => ({ op: 'feature', name });
export const add = binary('add');
export const subtract = binary('subtract');
export const multiply = binary('multiply');
export const divide = binary('divide');
/** Remainder with the sign of the divisor: `modulo(-1, 24)` is 23. */
export const modulo = binary('modulo');
export const greater = binary('greater');
export const atLeast = binary('atLeast');
export const equal = binary('equal');
export const and = binary('and');
export const or = binary('or');
/** The left value, or the right one where the left is null. */
export const coalesce = binary('coalesce');
/** The greatest whole number that is not above; null from 2^63 on. */
export const floor = unary('floor');
export const not = unary('not');
export const isNull = unary('isNull');
/** `then` where the condition is not 0, `otherwise` where it is 0, null where it is null. */
export const when = (condition: Expression, then: Operand, otherwise: Operand): Expression => ({
  op: 'when',
  condition,
  then: lift(then),
  otherwise: lift(otherwise),
});

/** Every field and feature that an expression names. */
export function namesIn(expression: Expression): { fields: string[]; features: string[] } {
  const fields: string[] = [];
  const features: string[] = [];
  const visit = (node: Expression): void => {
    if (node.op === 'field') fields.push(node.name);
    else if (node.op === 'feature') features.push(node.name);
    else if (node.op === 'when') [node.condition, node.then, node.otherwise].forEach(visit);
    else if ('of' in node) visit(node.of);
    else if ('left' in node) [node.left, node.right].forEach(visit);
  };
  visit(expression);
  return { fields, features };
}
