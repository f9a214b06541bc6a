import { eventColumns } from './event-table.js';
import { FIELD_SQL, IDENTITY_SQL, isReturnSql } from './event-sql-fields.js';
import { hashOf, type FeatureSet, type IdentityName } from './feature-set.js';
import type { FieldName } from './fields.js';

/**
 * Spark SQL that makes the relation `payments`, which {@link featureSql} reads, of `silver_payments`: the columns
 * `arrived_us` and `payment`, the contract's pseudonymous payment as a struct. What `eventReader` does, one suite holds
 * both to the same rows.
 */
export function eventSql(set: FeatureSet): string {
  const columns = eventColumns(set).map(({ name, type }) => `  ${expressionOf(name, type)} AS ${name}`);
  return [
    `-- Payments as the feature set ${set.name}, ${hashOf(set)}, reads them, for spark.`,
    '-- Generated from its declaration by `npm run docs`; do not edit.',
    'SELECT',
    columns.join(',\n'),
    'FROM silver_payments',
    '',
  ].join('\n');
}

const FIXED: Record<string, string> = {
  arrival: 'arrived_us',
  end_to_end_id: 'payment.endToEndId',
  accepted_at_ms: 'payment.acceptedAtMs',
  amount_cents: 'payment.amountCents',
  observed: `NOT (${isReturnSql})`,
};

function expressionOf(name: string, type: string): string {
  const fixed = FIXED[name];
  if (fixed !== undefined) return fixed;
  return type === 'VARCHAR' ? IDENTITY_SQL[name as IdentityName] : `CAST(${FIELD_SQL[name as FieldName]} AS DOUBLE)`;
}
