import { Fault } from '@vigia/contracts';
import { SaxesParser } from 'saxes';

/** An element of a document that was read whole. */
export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  /** The default namespace in force here; prefixes are not resolved. */
  namespace: string;
  parent: XmlElement | null;
  children: XmlElement[];
  /** Its own text and CDATA, that of its children aside, as written. */
  text: string;
}

/** What a document may cost. SPI messages have 10 transactions of 2 KB and 60 elements, and 12 levels. */
export interface XmlLimits {
  /** Bytes, or UTF-16 units when the input is a string. */
  maxLength: number;
  maxDepth: number;
  maxElements: number;
}

export const xmlLimits: XmlLimits = { maxLength: 1_048_576, maxDepth: 32, maxElements: 20_000 };

/**
 * Reads XML 1.0 in UTF-8, without DOCTYPE, entities of its own and processing instructions.
 * Throws Fault `malformed_xml` that says what is wrong, line, column and element, and never what the text holds.
 */
export function readXml(input: string | Uint8Array, limits: Partial<XmlLimits> = {}): XmlElement {
  const { maxLength, ...rest } = { ...xmlLimits, ...limits };
  if (input.length > maxLength) {
    throw new Fault('malformed_xml', { detail: `The document is longer than ${maxLength} bytes.` });
  }
  return new TreeBuilder(rest).read(decode(input));
}

/** `/Envelope/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]`: an index where the element has siblings of its name. */
export function pathOf(element: XmlElement): string {
  const { parent, name } = element;
  const shown = /^[A-Za-z][A-Za-z0-9]{0,34}$/.test(name) ? name : '?'; // A name that ISO 20022 can't have may be data.
  if (!parent) return `/${shown}`;
  const twins = parent.children.filter((child) => child.name === name);
  return `${pathOf(parent)}/${shown}${twins.length > 1 ? `[${twins.indexOf(element) + 1}]` : ''}`;
}

function decode(input: string | Uint8Array): string {
  if (typeof input === 'string') {
    if (/\p{Surrogate}/u.test(input)) throw new Fault('malformed_xml', { detail: 'The text has half a character.' });
    return input;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input);
  } catch (cause) {
    throw new Fault('malformed_xml', { detail: 'The bytes are not UTF-8.', cause });
  }
}

class TreeBuilder {
  private readonly parser = new SaxesParser({ xmlns: false, forceXMLVersion: true, defaultXMLVersion: '1.0' } as const);
  private root: XmlElement | null = null;
  private open: XmlElement | null = null;
  private depth = 0;
  private elements = 0;

  constructor(private readonly limits: Omit<XmlLimits, 'maxLength'>) {
    const { parser } = this;
    parser.on('error', (error) => this.fail(withoutNames(error.message)));
    parser.on('doctype', () => this.fail('a DOCTYPE is not allowed'));
    parser.on('processinginstruction', () => this.fail('processing instructions are not allowed'));
    parser.on('xmldecl', ({ version, encoding }) => {
      if (version !== '1.0') this.fail('the XML version must be 1.0');
      if (encoding && encoding.toLowerCase() !== 'utf-8') this.fail('the encoding must be UTF-8');
    });
    parser.on('opentag', ({ name, attributes }) => this.enter(name, attributes));
    parser.on('closetag', () => this.leave());
    parser.on('text', (text) => this.append(text));
    parser.on('cdata', (text) => this.append(text));
  }

  read(text: string): XmlElement {
    this.parser.write(text).close();
    return this.root ?? this.fail('there is no element');
  }

  private enter(name: string, attributes: Record<string, string>): void {
    if (++this.elements > this.limits.maxElements) this.fail(`more than ${this.limits.maxElements} elements`);
    if (++this.depth > this.limits.maxDepth) this.fail(`more than ${this.limits.maxDepth} levels`);
    const parent = this.open;
    const namespace = attributes['xmlns'] ?? parent?.namespace ?? '';
    this.open = { name, attributes, namespace, parent, children: [], text: '' };
    if (parent) parent.children.push(this.open);
    else this.root = this.open;
  }

  private leave(): void {
    this.depth--;
    this.open = this.open?.parent ?? null;
  }

  private append(text: string): void {
    if (this.open) this.open.text += text;
  }

  private fail(what: string): never {
    const { line, column } = this.parser;
    const where = this.open ? `, in ${pathOf(this.open)}` : '';
    throw new Fault('malformed_xml', { detail: `Line ${line}, column ${column}${where}: ${what}.` });
  }
}

/** `3:14: unclosed tag: Nm` -> `unclosed tag`: names in the parser's messages come from the document. */
function withoutNames(message: string): string {
  return message
    .replace(/^\d+:\d+: /, '')
    .replace(/: .*$/s, '')
    .replace(/\.$/, '');
}
