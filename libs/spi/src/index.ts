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
