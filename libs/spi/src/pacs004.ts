import { amount, endToEndId } from '@vigia/contracts';
import { field, fits, oneOf, readFields, type Field, type FieldError } from './fields.js';
import { isReturnId } from './identifiers.js';
import { checkCount, readRecords, recordsOf } from './records.js';
import type { XmlElement } from './xml.js';

/** Fraud (MED), operational failure (MED), asked by the payee, Saque or Troco. */
export const RETURN_REASONS = ['FR01', 'BE08', 'MD06', 'SL02'] as const;
export type ReturnReason = (typeof RETURN_REASONS)[number];

/** `TxInf` of pacs.004: money of an earlier payment that goes back, whole or in part. */
export interface PaymentReturn {
  returnId: string;
  originalEndToEndId: string;
  /** Reais, as `950.00`. */
  amount: string;
  reason: ReturnReason;
}

const RETURN = [
  returnIdAt('RtrId'),
  field('originalEndToEndId', 'OrgnlEndToEndId', { rule: fits(endToEndId) }),
  field('amount', 'RtrdIntrBkSttlmAmt', { kind: 'amount', rule: fits(amount) }),
  field('reason', 'RtrRsnInf/Rsn/Cd', { rule: oneOf(RETURN_REASONS) }),
];

export function returnIdAt(path: string): Field {
  return field('returnId', path, {
    rule: (text) =>
      isReturnId(text) ? undefined : 'must be D + ISPB (8) + yyyyMMddHHmm in UTC + 11 letters or digits',
  });
}

export function readPacs004(body: XmlElement, errors: FieldError[]): PaymentReturn[] {
  const records = recordsOf(body, 'TxInf', errors);
  checkCount(body, records, errors);
  return readRecords(records, errors, (record) => {
    const before = errors.length;
    const values = readFields(record, RETURN, errors);
    return errors.length === before ? (values as unknown as PaymentReturn) : undefined;
  });
}
