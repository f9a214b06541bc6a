import { Fault, type Payment, type Side } from '@vigia/contracts';
import { CATALOGUE, identify } from './catalogue.js';
import { childrenOf, type FieldError } from './fields.js';
import { readHeader, type SpiHeader } from './header.js';
import { readPacs002, type StatusReport } from './pacs002.js';
import { readPacs004, type PaymentReturn } from './pacs004.js';
import { readPacs008 } from './pacs008.js';
import { readTrck002, type BookReturn } from './trck002.js';
import { pathOf, readXml, type XmlElement, type XmlLimits } from './xml.js';

/** A message of the SPI. Amounts are decimal strings, instants UTC with milliseconds, identifiers in clear. */
export type SpiMessage =
  | { type: 'pacs.008'; header: SpiHeader; payments: Payment[] }
  | { type: 'pacs.002'; header: SpiHeader; reports: StatusReport[] }
  | { type: 'pacs.004'; header: SpiHeader; returns: PaymentReturn[] }
  /** Payments and returns that the sender settled inside its own books. */
  | { type: 'trck.002'; header: SpiHeader; payments: Payment[]; returns: BookReturn[] };

export interface ReadOptions {
  /** Of the payments: whose institution asks. A message that arrives was sent to the payee's. */
  side?: Side;
  limits?: Partial<XmlLimits>;
}

/**
 * Reads one SPI message (catalogue 5.13) by element names, in any order, past elements it does not know.
 * Throws Fault: `malformed_xml` when it is no XML or no envelope; `unsupported_message` for another message or version;
 * `invalid_request` when values do not fit, each in `errors` with its XPath. No text of the message stands in a Fault.
 */
export function readMessage(input: string | Uint8Array, { side = 'payee', limits = {} }: ReadOptions = {}): SpiMessage {
  const envelope = readXml(input, limits);
  const { type, version } = identify(envelope);
  const body = only(only(envelope, 'Document'), CATALOGUE[type].body);
  const errors: FieldError[] = [];
  const header = readHeader(only(envelope, 'AppHdr'), version, errors);
  const content = readContent(type, body, side, errors);
  if (errors.length > 0) {
    throw new Fault('invalid_request', { detail: `This ${type} ${version} has values that do not fit.`, errors });
  }
  return { type, header, ...content } as SpiMessage;
}

function readContent(type: SpiMessage['type'], body: XmlElement, side: Side, errors: FieldError[]): object {
  switch (type) {
    case 'pacs.008':
      return { payments: readPacs008(body, side, errors) };
    case 'pacs.002':
      return { reports: readPacs002(body, errors) };
    case 'pacs.004':
      return { returns: readPacs004(body, errors) };
    case 'trck.002':
      return readTrck002(body, side, errors);
  }
}

function only(parent: XmlElement, name: string): XmlElement {
  const [child, ...more] = childrenOf(parent, name);
  if (child && more.length === 0) return child;
  const problem = child ? 'occurs more than once' : 'is missing';
  throw new Fault('malformed_xml', { detail: `${pathOf(parent)}/${name} ${problem}.` });
}
