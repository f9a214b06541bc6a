import type { Fault } from '@vigia/contracts';

/** Content type of every answer that is XML. */
export const XML = 'application/xml; charset=utf-8';

/** Longest `RsnDesc` and `ErrLctn` (Max350Text of ISO 20022). */
const MAX_TEXT = 350;

/** ISO 20022's usual word where the message had no id that could be read. */
const NO_REFERENCE = 'NOTPROVIDED';

/**
 * A fault as a message rejection in the manner of admi.002, for a sender that reads XML only. It has no header: it is
 * not sent through the SPI, and the message may have been too broken to say who sent it.
 */
export function writeRejection(fault: Fault, messageId: string | null): string {
  const [first] = fault.errors ?? [];
  const reason = [
    element('RjctgPtyRsn', fault.code),
    first?.field ? element('ErrLctn', cut(first.field)) : '',
    element('RsnDesc', cut(describe(fault))),
  ].join('');
  const body = `<RltdRef>${element('Ref', messageId ?? NO_REFERENCE)}</RltdRef><Rsn>${reason}</Rsn>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="https://www.bcb.gov.br/pi/admi.002/1.5">' +
    `<Document><MsgRjct>${body}</MsgRjct></Document></Envelope>`
  );
}

/** The id of a message that may be too broken to be read, for the answer to refer to; null where none can be seen. */
export function glimpseMessageId(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return /<BizMsgIdr>(M[0-9A-Z]{8}[a-zA-Z0-9]{23})<\/BizMsgIdr>/.exec(text)?.[1] ?? null;
}

function describe({ message, errors = [] }: Fault): string {
  const list = errors.map(({ field, message: problem }) => `${field} ${problem}`);
  return [message, ...list].join(' ');
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

function element(name: string, text: string): string {
  // eslint-disable-next-line no-control-regex -- XML 1.0 has no way to write these
  const safe = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '?');
  return `<${name}>${safe.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</${name}>`;
}
