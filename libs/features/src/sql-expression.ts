import type { BinaryOperator, Expression } from './expression.js';
import { FIELDS } from './fields.js';
import type { Dialect } from './sql-dialect.js';

/** SQL of the values that an expression names. */
export interface SqlNames {
  field: (name: string) => string;
  feature: (name: string) => string;
}

const TWO_TO_63 = 2 ** 63;
const truth = (condition: string): string => `CAST(${condition} AS DOUBLE)`;

/**
 * The expression as SQL that answers the very double of `evaluation.ts`; null stands for NaN. Guards against results
 * beyond a double are left out where the operands' magnitudes exclude them.
 */
export function expressionSql(expression: Expression, names: SqlNames, dialect: Dialect): string {
  const sql = (inner: Expression): string => expressionSql(inner, names, dialect);
  const guarded = (text: string): string => (magnitudeOf(expression) === Infinity ? dialect.finite(text) : text);
  switch (expression.op) {
    case 'constant':
      return literal(expression.value);
    case 'field':
      return names.field(expression.name);
    case 'feature':
      return names.feature(expression.name);
    case 'when': {
      const condition = sql(expression.condition);
      const [then, otherwise] = [sql(expression.then), sql(expression.otherwise)];
      return `CASE WHEN ${condition} <> 0 THEN ${then} WHEN ${condition} = 0 THEN ${otherwise} END`;
    }
    case 'floor':
      return floorSql(sql(expression.of), magnitudeOf(expression.of), dialect);
    case 'not':
      return truth(`(${sql(expression.of)} = 0)`);
    case 'isNull':
      return truth(`(${sql(expression.of)} IS NULL)`);
    case 'modulo': {
      const [left, right] = [sql(expression.left), sql(expression.right)];
      const quotient = magnitudeOf({ ...expression, op: 'divide' });
      return guarded(`(${left} - ${right} * ${floorSql(`(${left} / ${nonZero(right)})`, quotient, dialect)})`);
    }
    default: {
      const [left, right] = [sql(expression.left), sql(expression.right)];
      return BINARY[expression.op](left, right, guarded);
    }
  }
}

type BinarySql = (left: string, right: string, guarded: (text: string) => string) => string;

const flagged = (value: string): string => `CAST(${value} <> 0 AS INT)`;

const BINARY: Record<Exclude<BinaryOperator, 'modulo'>, BinarySql> = {
  add: (x, y, guarded) => guarded(`(${x} + ${y})`),
  subtract: (x, y, guarded) => guarded(`(${x} - ${y})`),
  multiply: (x, y, guarded) => guarded(`(${x} * ${y})`),
  divide: (x, y, guarded) => guarded(`(${x} / ${nonZero(y)})`),
  greater: (x, y) => truth(`(${x} > ${y})`),
  atLeast: (x, y) => truth(`(${x} >= ${y})`),
  equal: (x, y) => truth(`(${x} = ${y})`),
  // Null where one side is null, unlike SQL's own AND and OR.
  and: (x, y) => truth(`(${flagged(x)} * ${flagged(y)} > 0)`),
  or: (x, y) => truth(`(${flagged(x)} + ${flagged(y)} > 0)`),
  coalesce: (x, y) => `coalesce(${x}, ${y})`,
};

const floorSql = (text: string, magnitude: number, dialect: Dialect): string =>
  magnitude < TWO_TO_63 ? dialect.floor(text) : dialect.floorOfAny(text);

/** With an exponent: a decimal point alone would be a DECIMAL. */
function literal(value: number): string {
  const text = value.toExponential();
  return value < 0 ? `(${text})` : text;
}

function nonZero(text: string): string {
  return /^\(?-?[1-9][0-9.]*e[+-][0-9]+\)?$/.test(text) ? text : `nullif(${text}, 0)`;
}

/** An upper bound of the absolute value; Infinity where there is none. */
function magnitudeOf(expression: Expression): number {
  switch (expression.op) {
    case 'constant':
      return Math.abs(expression.value);
    case 'field':
      return fieldMagnitude(expression.name);
    case 'feature':
      return Infinity;
    case 'when':
      return Math.max(magnitudeOf(expression.then), magnitudeOf(expression.otherwise));
    case 'floor':
      return magnitudeOf(expression.of) + 1;
    case 'add':
    case 'subtract':
      return magnitudeOf(expression.left) + magnitudeOf(expression.right);
    case 'multiply':
      return magnitudeOf(expression.left) * magnitudeOf(expression.right);
    case 'coalesce':
      return Math.max(magnitudeOf(expression.left), magnitudeOf(expression.right));
    case 'divide':
    case 'modulo': {
      const divisor = expression.right.op === 'constant' ? Math.abs(expression.right.value) : 0;
      if (divisor === 0) return Infinity;
      return expression.op === 'divide'
        ? magnitudeOf(expression.left) / divisor
        : magnitudeOf(expression.left) + divisor;
    }
    default:
      return 1;
  }
}

/** Times and amounts are whole numbers below 2^53, flags 0 or 1. */
function fieldMagnitude(name: string): number {
  const unit = FIELDS[name as keyof typeof FIELDS]?.unit as string | undefined;
  if (unit === '0/1') return 1;
  return unit === 'ms' || unit === 'cents' ? Number.MAX_SAFE_INTEGER : Infinity;
}
