import { pathOf, type XmlElement } from './xml.js';

/** A value of a message and the element that holds it. Tables of fields serve reading, error texts and writing. */
export interface Field {
  /** Where the value goes, as `payer.account.number`. */
  name: string;
  /** Elements from the record's own down, as `DbtrAcct/Id/Othr/Id`; `*` takes the first of several. */
  path: string;
  steps: readonly string[];
  kind: 'code' | 'free text' | 'amount' | 'instant';
  optional: boolean;
  /** What is wrong with the text, or undefined. Absent where a schema of the whole record decides. */
  rule?: Rule;
}
export type Rule = (text: string) => string | undefined;

export interface FieldError {
  /** XPath from the root. */
  field: string;
  message: string;
}

export function field(
  name: string,
  path: string,
  rest: { kind?: Field['kind']; optional?: boolean; rule?: Rule } = {},
): Field {
  return { kind: 'code', optional: false, ...rest, name, path, steps: path.split('/') };
}

/** A rule from a schema of the contracts. */
export function fits(schema: {
  safeParse(text: unknown): { success: boolean; error?: { issues: { message: string }[] } | undefined };
}): Rule {
  return (text) => schema.safeParse(text).error?.issues[0]?.message;
}

export function oneOf(values: readonly string[]): Rule {
  return (text) => (values.includes(text) ? undefined : `must be one of ${values.join(', ')}`);
}

export function matches(pattern: RegExp, message: string): Rule {
  return (text) => (pattern.test(text) ? undefined : message);
}

/** Reads a record's values by field name, normalised. Adds to `errors` what is missing, twice there or against a rule. */
export function readFields(
  record: XmlElement,
  fields: readonly Field[],
  errors: FieldError[],
): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const each of fields) {
    const problem = readField(record, each, values);
    if (problem) errors.push({ field: xpathOf(record, each), message: problem });
  }
  return values;
}

export function xpathOf(record: XmlElement, { path }: Pick<Field, 'path'>): string {
  return `${pathOf(record)}/${path.replaceAll('*', '')}`;
}

/** Children of that name in the same namespace; a signature's or an extension's are not the message's. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name && child.namespace === element.namespace);
}

function readField(record: XmlElement, field: Field, values: Record<string, string | undefined>): string | undefined {
  let element: XmlElement | undefined = record;
  for (const step of field.steps) {
    const first = step.endsWith('*');
    const found: XmlElement[] = childrenOf(element, first ? step.slice(0, -1) : step);
    if (found.length > 1 && !first) return 'occurs more than once';
    element = found[0];
    if (!element) return field.optional ? undefined : 'is missing';
  }
  if (element.children.length > 0) return 'must hold text, not elements';
  if (field.kind === 'amount' && element.attributes['Ccy'] !== 'BRL') return 'must have Ccy="BRL"';
  const text = normalise(element.text, field.kind);
  if (text === '') return field.optional ? undefined : 'is empty';
  values[field.name] = text;
  return field.rule?.(text);
}

function normalise(raw: string, kind: Field['kind']): string {
  if (kind === 'free text') return raw;
  const text = raw.trim();
  // Longer texts are refused later anyway; the patterns are kept off them.
  if (text.length > 40) return text;
  if (kind === 'amount') return twoDecimals(text);
  if (kind === 'instant') return milliseconds(text);
  return text;
}

/** `xs:decimal` of at most two decimals, as the XSD has it, to the contract's form: `7.5` -> `7.50`. */
function twoDecimals(text: string): string {
  const match = /^\+?0*([0-9]*)(?:\.([0-9]{0,2})0*)?$/.exec(text);
  if (!match || !/[0-9]/.test(text)) return text;
  return `${match[1] || '0'}.${(match[2] ?? '').padEnd(2, '0')}`;
}

/** UTC with any fraction of a second or none -> exactly three digits, the rest cut off. */
function milliseconds(text: string): string {
  const match = /^(.*T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?Z$/.exec(text);
  return match ? `${match[1]}.${(match[2] ?? '').padEnd(3, '0').slice(0, 3)}Z` : text;
}
