import { childrenOf, field, matches, readFields, xpathOf, type FieldError } from './fields.js';
import { pathOf, type XmlElement } from './xml.js';

/** After so many errors the rest of a message is not read. */
const ENOUGH_ERRORS = 20;

/** Reads record after record until enough is wrong; records that do not fit give undefined and are left out. */
export function readRecords<T>(
  records: readonly XmlElement[],
  errors: FieldError[],
  read: (record: XmlElement) => T | undefined,
): T[] {
  const values: T[] = [];
  for (const record of records) {
    if (errors.length >= ENOUGH_ERRORS) break;
    const value = read(record);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** Records of that name in the body; none is an error. */
export function recordsOf(body: XmlElement, name: string, errors: FieldError[]): XmlElement[] {
  const records = childrenOf(body, name);
  if (records.length === 0) errors.push({ field: `${pathOf(body)}/${name}`, message: 'is missing' });
  return records;
}

const COUNT = field('count', 'GrpHdr/NbOfTxs', { rule: matches(/^[0-9]{1,15}$/, 'must be a whole number') });

/** `NbOfTxs` must be the number of records: a message that was cut or joined on its way is not to be read in part. */
export function checkCount(body: XmlElement, records: readonly XmlElement[], errors: FieldError[]): void {
  if (records.length === 0) return; // recordsOf has said so
  const before = errors.length;
  const { count } = readFields(body, [COUNT], errors);
  if (errors.length === before && Number(count) !== records.length) {
    errors.push({ field: xpathOf(body, COUNT), message: `must be ${records.length}, the number of transactions` });
  }
}
