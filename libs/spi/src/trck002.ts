import { amount, endToEndId, instant, type Payment, type Side } from '@vigia/contracts';
import { field, fits, readFields, type FieldError } from './fields.js';
import { returnIdAt } from './pacs004.js';
import { readPayment } from './payment-record.js';
import { readRecords, recordsOf } from './records.js';
import type { XmlElement } from './xml.js';

/** A return that never left the institution. The report does not say why. */
export interface BookReturn {
  returnId: string;
  originalEndToEndId: string;
  /** Reais, as `950.00`. */
  amount: string;
  settledAt: string;
}

const optional = { optional: true } as const;

/** `Tx` of trck.002: a payment settled inside one institution or one settler, so its order has no time of its own. */
const PAYMENT = [
  field('endToEndId', 'PmtId/EndToEndId', optional),
  field('amount', 'IntrBkSttlmAmt', { optional: true, kind: 'amount' }),
  field('acceptedAt', 'ReqdExctnDt/DtTm', { optional: true, kind: 'instant' }),
  field('initiationForm', 'PmtTpInf/LclInstrm/Prtry', optional),
  field('payer.taxId', 'Dbtr/Pty/Id/PrvtId/Othr/Id', optional),
  field('payer.account.number', 'DbtrAcct/Id/Othr/Id', optional),
  field('payer.account.branch', 'DbtrAcct/Id/Othr/Issr', optional),
  field('payer.account.type', 'DbtrAcct/Tp/Cd', optional),
  field('payer.ispb', 'DbtrAgt/FinInstnId/ClrSysMmbId/MmbId', optional),
  field('payee.ispb', 'CdtrAgt/FinInstnId/ClrSysMmbId/MmbId', optional),
  field('payee.taxId', 'Cdtr/Pty/Id/PrvtId/Othr/Id', optional),
  field('payee.account.number', 'CdtrAcct/Id/Othr/Id', optional),
  field('payee.account.branch', 'CdtrAcct/Id/Othr/Issr', optional),
  field('payee.account.type', 'CdtrAcct/Tp/Cd', optional),
  field('payee.key', 'CdtrAcct/Prxy/Id', { optional: true, kind: 'free text' }),
];

const RETURN = [
  returnIdAt('PmtId/InstrId'),
  field('originalEndToEndId', 'PmtId/EndToEndId', { rule: fits(endToEndId) }),
  field('amount', 'IntrBkSttlmAmt', { kind: 'amount', rule: fits(amount) }),
  field('settledAt', 'ReqdExctnDt/DtTm', { kind: 'instant', rule: fits(instant) }),
];

/** A transaction with an `InstrId` is a return, not a payment of its own. */
const INSTRUCTION = field('instructionId', 'PmtId/InstrId', optional);

export function readTrck002(
  body: XmlElement,
  side: Side,
  errors: FieldError[],
): { payments: Payment[]; returns: BookReturn[] } {
  const records = recordsOf(body, 'TrckrStsAndTx', errors).flatMap((status) => recordsOf(status, 'Tx', errors));
  const isReturn = (record: XmlElement) => readFields(record, [INSTRUCTION], [])['instructionId'] !== undefined;
  const payments = readRecords(
    records.filter((record) => !isReturn(record)),
    errors,
    (record) => readPayment(record, PAYMENT, { side }, errors),
  );
  const returns = readRecords(records.filter(isReturn), errors, (record) => {
    const before = errors.length;
    const values = readFields(record, RETURN, errors);
    return errors.length === before ? (values as unknown as BookReturn) : undefined;
  });
  return { payments, returns };
}
