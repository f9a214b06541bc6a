import { payment as paymentSchema, type Payment, type Priority, type Side } from '@vigia/contracts';
import { readFields, xpathOf, type Field, type FieldError } from './fields.js';
import { pathOf, type XmlElement } from './xml.js';

/** What a payment has that stands outside its own element. */
export interface Surroundings {
  side: Side;
  priority?: Priority | undefined;
}

/**
 * One transaction as a payment, judged by the contract's schema; undefined when it does not fit, with the reasons
 * added to `errors`. Field names are the contract's paths.
 */
export function readPayment(
  record: XmlElement,
  fields: readonly Field[],
  { side, priority }: Surroundings,
  errors: FieldError[],
): Payment | undefined {
  const found: FieldError[] = [];
  const values = readFields(record, fields, found);
  const candidate = { side, ...(priority && { priority }), ...nest(fields, values) };
  const result = paymentSchema.safeParse(candidate);
  if (result.success && found.length === 0) return result.data;
  for (const { path, message } of result.error?.issues ?? []) {
    const field = fields.find(({ name }) => name === path.join('.'));
    const xpath = field ? xpathOf(record, field) : pathOf(record);
    const known = found.some((error) => error.field === xpath);
    if (!known) found.push({ field: xpath, message: field && !values[field.name] ? 'is missing' : message });
  }
  errors.push(...found);
  return undefined;
}

interface Tree {
  [name: string]: Tree | string;
}

/** `payer.account.type` -> { payer: { account: { type } } }. Parents are made even when all their values are absent. */
function nest(fields: readonly Field[], values: Readonly<Record<string, string | undefined>>): Tree {
  const root: Tree = {};
  for (const { name } of fields) {
    const steps = name.split('.');
    const last = steps.pop()!;
    let at = root;
    for (const step of steps) at = (at[step] ??= {}) as Tree;
    const value = values[name];
    if (value !== undefined) at[last] = value;
  }
  return root;
}

/** The other way round, for the fields of a table. */
export function flatten(payment: Payment, fields: readonly Field[]): Record<string, string | undefined> {
  return Object.fromEntries(fields.map(({ name }) => [name, valueAt(payment, name)]));
}

function valueAt(payment: Payment, name: string): string | undefined {
  let at: unknown = payment;
  for (const step of name.split('.')) at = (at as Record<string, unknown> | undefined)?.[step];
  return typeof at === 'string' ? at : undefined;
}
