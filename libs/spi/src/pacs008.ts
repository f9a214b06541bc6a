import { priority as prioritySchema, type Payment, type Priority, type Side } from '@vigia/contracts';
import { field, fits, readFields, type FieldError } from './fields.js';
import { newEnvelope, type SpiHeader } from './header.js';
import { flatten, readPayment } from './payment-record.js';
import { checkCount, readRecords, recordsOf } from './records.js';
import type { XmlElement } from './xml.js';
import { newElement, placeFields, writeXml } from './xml-writer.js';

const optional = { optional: true } as const;
const freeText = { optional: true, kind: 'free text' } as const;

/** `CdtTrfTxInf` in the order of pacs.008.spi.1.16.xsd. What must be there, the contract's schema decides. */
const TRANSACTION = [
  field('endToEndId', 'PmtId/EndToEndId', optional),
  field('txId', 'PmtId/TxId', optional),
  field('amount', 'IntrBkSttlmAmt', { optional: true, kind: 'amount' }),
  field('acceptedAt', 'AccptncDtTm', { optional: true, kind: 'instant' }),
  field('chargeBearer', 'ChrgBr', optional),
  field('initiationForm', 'MndtRltdInf/Tp/LclInstrm/Prtry', optional),
  field('initiatorTaxId', 'InitgPty/Id/OrgId/Othr/Id', optional),
  field('payer.name', 'Dbtr/Nm', freeText),
  field('payer.taxId', 'Dbtr/Id/PrvtId/Othr/Id', optional),
  field('payer.account.number', 'DbtrAcct/Id/Othr/Id', optional),
  field('payer.account.branch', 'DbtrAcct/Id/Othr/Issr', optional),
  field('payer.account.type', 'DbtrAcct/Tp/Cd', optional),
  field('payer.ispb', 'DbtrAgt/FinInstnId/ClrSysMmbId/MmbId', optional),
  field('payee.ispb', 'CdtrAgt/FinInstnId/ClrSysMmbId/MmbId', optional),
  field('payee.taxId', 'Cdtr/Id/PrvtId/Othr/Id', optional),
  field('payee.account.number', 'CdtrAcct/Id/Othr/Id', optional),
  field('payee.account.branch', 'CdtrAcct/Id/Othr/Issr', optional),
  field('payee.account.type', 'CdtrAcct/Tp/Cd', optional),
  field('payee.key', 'CdtrAcct/Prxy/Id', freeText),
  field('purpose', 'Purp/Cd', optional),
  field('remittanceInformation', 'RmtInf/Ustrd', freeText),
];

/** Charges follow the service level, always, so a payment has no such value. */
const READ = TRANSACTION.filter(({ name }) => name !== 'chargeBearer');

/** One for all transactions of the message. */
const PRIORITY = field('priority', 'GrpHdr/PmtTpInf/SvcLvl/Prtry', { optional: true, rule: fits(prioritySchema) });

export function readPacs008(body: XmlElement, side: Side, errors: FieldError[]): Payment[] {
  const records = recordsOf(body, 'CdtTrfTxInf', errors);
  checkCount(body, records, errors);
  const priority = priorityOf(body, errors);
  return readRecords(records, errors, (record) => readPayment(record, READ, { side, priority }, errors));
}

function priorityOf(body: XmlElement, errors: FieldError[]): Priority | undefined {
  const before = errors.length;
  const values = readFields(body, [PRIORITY], errors);
  return errors.length === before ? (values['priority'] as Priority | undefined) : undefined;
}

/**
 * Payment orders as one pacs.008, in the schema's order. What only the payer's channel knows (device, session, DICT)
 * and the payee's name have no place in it; nor has a Saque's or Troco's agent, which Payment does not carry.
 * Throws RangeError when the schema can't hold the payments: none, several priorities, a payer without name.
 */
export function writePacs008({ header, payments }: { header: SpiHeader; payments: readonly Payment[] }): string {
  const [first] = payments;
  if (!first) throw new RangeError('a pacs.008 has at least one payment');
  const { priority } = first;
  if (payments.some((payment) => payment.priority !== priority)) {
    throw new RangeError('all payments of a pacs.008 have the same priority');
  }
  if (payments.some(({ payer }) => !payer.name)) throw new RangeError('pacs.008 needs the payer.name of each payment');
  const group = {
    NbOfTxs: String(payments.length),
    'SttlmInf/SttlmMtd': 'CLRG',
    'PmtTpInf/InstrPrty': priority === 'PAGPRI' ? 'HIGH' : 'NORM',
    'PmtTpInf/SvcLvl/Prtry': priority,
  };
  const records = payments.map((payment) => {
    const record = newElement('CdtTrfTxInf');
    placeFields(record, TRANSACTION, { ...flatten(payment, TRANSACTION), chargeBearer: 'SLEV' });
    return record;
  });
  return writeXml(newEnvelope('pacs.008', header, group, records));
}
