import type { Field } from './fields.js';

/** An element to be written. */
export interface NewElement {
  name: string;
  attributes?: Record<string, string>;
  children: NewElement[];
  text?: string;
}

export function newElement(name: string, ...children: NewElement[]): NewElement {
  return { name, children };
}

/**
 * Adds `text` at a path below the parent, `Id/Othr/Id`; a path that begins as the one before shares its elements,
 * so a table of fields in the schema's order gives the schema's tree.
 */
export function place(parent: NewElement, path: string, text: string, attributes?: Record<string, string>): void {
  const steps = path.replaceAll('*', '').split('/');
  let at = parent;
  for (const name of steps.slice(0, -1)) {
    const last = at.children.at(-1);
    const next = last?.name === name ? last : newElement(name);
    if (next !== last) at.children.push(next);
    at = next;
  }
  at.children.push({ name: steps.at(-1)!, children: [], text, ...(attributes && { attributes }) });
}

/** Adds the values of a record, absent ones aside, in the order of the table. */
export function placeFields(
  record: NewElement,
  fields: readonly Field[],
  values: Readonly<Record<string, string | undefined>>,
): void {
  for (const { name, path, kind } of fields) {
    const text = values[name];
    if (text) place(record, path, text, kind === 'amount' ? { Ccy: 'BRL' } : undefined);
  }
}

/** The document as text. Throws RangeError for a character that XML 1.0 has no way to write. */
export function writeXml(root: NewElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${write(root)}`;
}

function write({ name, attributes = {}, children, text }: NewElement): string {
  const tag = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escape(value)}"`)].join(' ');
  const content = text === undefined ? children.map(write).join('') : escape(text);
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${name}>`;
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // As they are, a reader would take them for a plain line feed or, in an attribute, a space.
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

// eslint-disable-next-line no-control-regex -- the characters that the Char production of XML 1.0 leaves out
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

function escape(text: string): string {
  if (UNWRITABLE.test(text)) throw new RangeError('a text has a character that XML 1.0 cannot hold');
  return text.replace(/[&<>"'\r\n\t]/g, (character) => ESCAPES[character]!);
}
