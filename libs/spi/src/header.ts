import { instant, ispb } from '@vigia/contracts';
import { CATALOGUE, isVersionOf, namespaceOf, type SpiMessageType } from './catalogue.js';
import { field, fits, matches, readFields, type FieldError } from './fields.js';
import { isMessageId } from './identifiers.js';
import type { XmlElement } from './xml.js';
import { newElement, place, placeFields, type NewElement } from './xml-writer.js';

/** The business application header (`AppHdr`). */
export interface SpiHeader {
  /** ISPB of the sender; 00038166 is the SPI itself. */
  from: string;
  /** ISPB of the receiver: the SPI on all that a participant sends. */
  to: string;
  messageId: string;
  /** Instant with milliseconds. */
  createdAt: string;
  /** Of the message, as `1.16`. */
  version: string;
}

const HEADER = [
  field('from', 'Fr/FIId/FinInstnId/Othr/Id', { rule: fits(ispb) }),
  field('to', 'To/FIId/FinInstnId/Othr/Id', { rule: fits(ispb) }),
  field('messageId', 'BizMsgIdr', {
    rule: (text) => (isMessageId(text) ? undefined : 'must be M + ISPB (8) + 23 letters or digits'),
  }),
  field('messageDefinition', 'MsgDefIdr', {
    rule: matches(/^[a-z]{4}\.[0-9]{3}\.spi\.[0-9.]+$/, 'must be as pacs.008.spi.1.16'),
  }),
  field('createdAt', 'CreDt', { kind: 'instant', rule: fits(instant) }),
];

export function readHeader(appHdr: XmlElement, version: string, errors: FieldError[]): SpiHeader {
  const { from = '', to = '', messageId = '', createdAt = '' } = readFields(appHdr, HEADER, errors);
  return { from, to, messageId, createdAt, version };
}

/**
 * The whole document around its records. `group`: what the group header has beyond id and time, by path.
 * Throws RangeError for a version that the catalogue lacks.
 */
export function newEnvelope(
  type: SpiMessageType,
  header: SpiHeader,
  group: Record<string, string>,
  records: NewElement[],
): NewElement {
  const { version, messageId, createdAt } = header;
  if (!isVersionOf(type, version)) throw new RangeError(`there is no version ${version} of ${type}`);
  const appHdr = newElement('AppHdr');
  placeFields(appHdr, HEADER, { ...header, messageDefinition: `${type}.spi.${version}` });
  appHdr.children.push(newElement('Sgntr'));
  const groupHeader = newElement('GrpHdr');
  for (const [path, text] of Object.entries({ MsgId: messageId, CreDtTm: createdAt, ...group })) {
    place(groupHeader, path, text);
  }
  const body = newElement(CATALOGUE[type].body, groupHeader, ...records);
  const envelope = newElement('Envelope', appHdr, newElement('Document', body));
  return { ...envelope, attributes: { xmlns: namespaceOf(type, version) } };
}
