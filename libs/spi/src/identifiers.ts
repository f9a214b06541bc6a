/** EndToEndId, RtrId and MsgId of the SPI (catalogue 5.13): who made them and in which minute (UTC). */

const PAYMENT_OR_RETURN =
  /^[ED]([0-9A-Z]{8})([0-9]{4})([01][0-9])([0-3][0-9])([0-2][0-9])([0-5][0-9])([a-zA-Z0-9]{11})$/;
const MESSAGE = /^M[0-9A-Z]{8}[a-zA-Z0-9]{23}$/;

/** What an EndToEndId or a RtrId says of itself. */
export interface SpiIdentifier {
  /** Of the direct or indirect participant, or the first 8 characters of the payment initiator's CNPJ. */
  ispb: string;
  /** Its minute, ms since 1970; null when the digits are no date: the BCB's own sample has a day 34. */
  createdAtMs: number | null;
  /** 11 characters, unique within the minute. */
  suffix: string;
}

/** What is needed to make one. `suffix`: 11 letters or digits that the maker uses once within the minute. */
export interface SpiIdentifierParts {
  ispb: string;
  /** Any moment of the minute, ms since 1970. */
  atMs: number;
  suffix: string;
}

export function isEndToEndId(id: string): boolean {
  return id.startsWith('E') && PAYMENT_OR_RETURN.test(id);
}

export function isReturnId(id: string): boolean {
  return id.startsWith('D') && PAYMENT_OR_RETURN.test(id);
}

export function isMessageId(id: string): boolean {
  return MESSAGE.test(id);
}

/** Parts of an EndToEndId; null when the text is none. */
export function parseEndToEndId(id: string): SpiIdentifier | null {
  return id.startsWith('E') ? parse(id) : null;
}

/** Parts of a RtrId, the identifier of a return; null when the text is none. */
export function parseReturnId(id: string): SpiIdentifier | null {
  return id.startsWith('D') ? parse(id) : null;
}

/** Throws RangeError when a part does not fit the pattern. */
export function makeEndToEndId(parts: SpiIdentifierParts): string {
  return make('E', parts);
}

/** Throws RangeError when a part does not fit the pattern. */
export function makeReturnId(parts: SpiIdentifierParts): string {
  return make('D', parts);
}

/** `M` + ISPB + 23 letters or digits that never repeat. Throws RangeError when a part does not fit the pattern. */
export function makeMessageId({ ispb, suffix }: { ispb: string; suffix: string }): string {
  const id = `M${ispb}${suffix}`;
  if (!MESSAGE.test(id)) throw new RangeError('a message id needs an ISPB (8 of 0-9 A-Z) and 23 letters or digits');
  return id;
}

function parse(id: string): SpiIdentifier | null {
  const match = PAYMENT_OR_RETURN.exec(id);
  if (!match) return null;
  const [, ispb, year, month, day, hour, minute, suffix] = match as unknown as string[];
  return { ispb: ispb!, createdAtMs: utcMinute(`${year}-${month}-${day}T${hour}:${minute}`), suffix: suffix! };
}

/** `yyyy-MM-ddTHH:mm` -> ms; null for a day or an hour that does not exist. */
function utcMinute(text: string): number | null {
  const ms = Date.parse(`${text}:00.000Z`);
  // Date.parse takes 31 April for 1 May and 24:00 for the next day.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text) ? null : ms;
}

function make(letter: 'E' | 'D', { ispb, atMs, suffix }: SpiIdentifierParts): string {
  const minute = new Date(atMs).toISOString().slice(0, 16).replace(/[-T:]/g, '');
  const id = `${letter}${ispb}${minute}${suffix}`;
  if (!PAYMENT_OR_RETURN.test(id)) {
    throw new RangeError('an EndToEndId or RtrId needs an ISPB (8 of 0-9 A-Z) and 11 letters or digits');
  }
  return id;
}
