export {
  isEndToEndId,
  isMessageId,
  isReturnId,
  makeEndToEndId,
  makeMessageId,
  makeReturnId,
  parseEndToEndId,
  parseReturnId,
  type SpiIdentifier,
  type SpiIdentifierParts,
} from './identifiers.js';
export { isLegalPerson, taxIdCheckDigitsValid } from './tax-id.js';
export { keyTypeOf } from './pix-key.js';
export { saoPauloTime, shiftDateKey, type SaoPauloTime } from './sao-paulo-time.js';
export {
  bankHolidays,
  easterSunday,
  holdDeadline,
  holdMinutes,
  holdRule,
  isBusinessDay,
  isNight,
  nightKey,
  nightWindow,
  type HoldRule,
  type HourWindow,
} from './calendar.js';
export { readMessage, type ReadOptions, type SpiMessage } from './message.js';
export { type SpiHeader } from './header.js';
export { type SpiMessageType } from './catalogue.js';
export { writePacs008 } from './pacs008.js';
export { writePacs002, type PaymentStatus, type StatusReport } from './pacs002.js';
export { type PaymentReturn, type ReturnReason } from './pacs004.js';
export { type BookReturn } from './trck002.js';
export { xmlLimits, type XmlLimits } from './xml.js';
