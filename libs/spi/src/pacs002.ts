import { endToEndId, instant } from '@vigia/contracts';
import { field, fits, matches, oneOf, readFields, type FieldError } from './fields.js';
import { newEnvelope, type SpiHeader } from './header.js';
import { isEndToEndId, isReturnId } from './identifiers.js';
import { readRecords, recordsOf } from './records.js';
import type { XmlElement } from './xml.js';
import { newElement, placeFields, writeXml } from './xml-writer.js';

/** Payee's institution accepts; it or the SPI rejects; settled, to the payer's and to the payee's institution. */
export const STATUSES = ['ACSP', 'RJCT', 'ACSC', 'ACCC'] as const;
export type PaymentStatus = (typeof STATUSES)[number];

/** `TxInfAndSts` of pacs.002: what became of a payment or a return. */
export interface StatusReport {
  /** EndToEndId of the pacs.008 or RtrId of the pacs.004. */
  originalInstructionId: string;
  originalEndToEndId: string;
  status: PaymentStatus;
  /** Why it was rejected, as `FRAD`. */
  reasonCode?: string;
  additionalInformation?: string;
  /** Instant of settlement; the SPI alone knows it. */
  settledAt?: string;
  /** Day of the SPI's books, as `2026-11-20`. */
  accountingDate?: string;
}

/** In the order of pacs.002.spi.1.17.xsd. It allows several reasons and texts; the first stands for the report. */
const REPORT = [
  field('originalInstructionId', 'OrgnlInstrId', {
    rule: (text) => (isEndToEndId(text) || isReturnId(text) ? undefined : 'must be an EndToEndId or a RtrId'),
  }),
  field('originalEndToEndId', 'OrgnlEndToEndId', { rule: fits(endToEndId) }),
  field('status', 'TxSts', { rule: oneOf(STATUSES) }),
  field('reasonCode', 'StsRsnInf*/Rsn/Cd', { optional: true, rule: matches(/^[A-Z0-9]{4}$/, 'must be 4 of A-Z 0-9') }),
  field('additionalInformation', 'StsRsnInf*/AddtlInf*', {
    optional: true,
    kind: 'free text',
    rule: (text) => (text.length <= 105 ? undefined : 'must be at most 105 characters'),
  }),
  field('settledAt', 'FctvIntrBkSttlmDt/DtTm', { optional: true, kind: 'instant', rule: fits(instant) }),
  field('accountingDate', 'OrgnlTxRef/IntrBkSttlmDt', { optional: true, rule: isDate }),
];

export function readPacs002(body: XmlElement, errors: FieldError[]): StatusReport[] {
  return readRecords(recordsOf(body, 'TxInfAndSts', errors), errors, (record) => {
    const before = errors.length;
    const values = readFields(record, REPORT, errors);
    return errors.length === before ? (values as unknown as StatusReport) : undefined;
  });
}

/** Status reports as one pacs.002, in the schema's order. Throws RangeError when there is none. */
export function writePacs002({ header, reports }: { header: SpiHeader; reports: readonly StatusReport[] }): string {
  if (reports.length === 0) throw new RangeError('a pacs.002 has at least one report');
  const records = reports.map((report) => {
    const record = newElement('TxInfAndSts');
    placeFields(record, REPORT, { ...report });
    return record;
  });
  return writeXml(newEnvelope('pacs.002', header, {}, records));
}

function isDate(text: string): string | undefined {
  return fits(instant)(`${text}T00:00:00.000Z`) === undefined ? undefined : 'must be a date as 2026-11-20';
}
