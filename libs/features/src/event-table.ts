import type { PseudonymousPayment } from '@vigia/contracts';
import { IDENTITIES, isObserved, type FeatureSet, type IdentityName } from './feature-set.js';
import { FIELDS, readField, type Field, type FieldName } from './fields.js';
import { namesIn } from './expression.js';

export interface EventColumn {
  name: string;
  type: 'BIGINT' | 'VARCHAR' | 'BOOLEAN' | 'DOUBLE';
}

/**
 * Columns that every event has. `arrival` orders payments and labels as they reached the windows, no two alike;
 * a payment has one row, that of its first arrival. `observed`: it is an event; a return is read alone.
 */
const FIXED: EventColumn[] = [
  { name: 'arrival', type: 'BIGINT' },
  { name: 'end_to_end_id', type: 'VARCHAR' },
  { name: 'accepted_at_ms', type: 'BIGINT' },
  { name: 'amount_cents', type: 'BIGINT' },
  { name: 'observed', type: 'BOOLEAN' },
];

/** Columns of the relation `labels`: what became known of a payment; a later row corrects an earlier one. */
export const LABEL_COLUMNS: EventColumn[] = [
  { name: 'arrival', type: 'BIGINT' },
  { name: 'end_to_end_id', type: 'VARCHAR' },
  { name: 'fraud', type: 'BOOLEAN' },
];

/** Columns of the relation `payments` that the SQL of a set reads: identities are text, fields doubles, null = missing. */
export function eventColumns(set: FeatureSet): EventColumn[] {
  return [
    ...FIXED,
    ...identitiesOf(set).map((name) => ({ name, type: 'VARCHAR' as const })),
    ...furtherFieldsOf(set).map((name) => ({ name, type: 'DOUBLE' as const })),
  ];
}

/** Makes the row of a payment, in the order of {@link eventColumns}. */
export function eventReader(
  set: FeatureSet,
): (payment: PseudonymousPayment, arrival: number) => (string | number | boolean | null)[] {
  const identities = identitiesOf(set).map((name) => IDENTITIES[name]);
  const fields: Field[] = furtherFieldsOf(set).map((name) => FIELDS[name]);
  return (payment, arrival) => [
    arrival,
    payment.endToEndId,
    payment.acceptedAtMs,
    payment.amountCents,
    isObserved(payment),
    ...identities.map((read) => read(payment)),
    ...fields.map((field) => {
      const value = readField(field, payment);
      return Number.isNaN(value) ? null : value;
    }),
  ];
}

function identitiesOf(set: FeatureSet): IdentityName[] {
  return [...new Set(set.entities.flatMap(({ key, counterparty }) => (counterparty ? [...key, counterparty] : key)))];
}

/** Fields that stand in no fixed column. */
function furtherFieldsOf(set: FeatureSet): FieldName[] {
  const expressions = [
    ...set.entities.flatMap(({ where }) => where ?? []),
    ...set.features.flatMap((feature) => (feature.kind === 'computed' ? feature.expression : [])),
  ];
  const names = new Set(expressions.flatMap((expression) => namesIn(expression).fields));
  const fixed = new Set(FIXED.map(({ name }) => name));
  return [...names].filter((name) => !fixed.has(name)).sort() as FieldName[];
}
