/** Wall clock of America/Sao_Paulo, which rules on local hours follow ("horário de Brasília"). */
export interface SaoPauloTime {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  /** 0 Sunday to 6 Saturday. */
  weekday: number;
  /** `2026-11-20`. */
  dateKey: string;
}

/** End of the last summer time, 2019-02-17T00:00-02:00; Decreto 9.772/2019 abolished it and UTC-3 holds since. */
const FIXED_OFFSET_SINCE_MS = Date.UTC(2019, 1, 17, 2);
const FIXED_OFFSET_MS = -3 * 3_600_000;

/** `ms` since 1970 -> local date and time. Arithmetic alone since 2019, the time-zone database before. */
export function saoPauloTime(ms: number): SaoPauloTime {
  // A Date whose UTC fields read as the local clock.
  const local = new Date(ms + (ms >= FIXED_OFFSET_SINCE_MS ? FIXED_OFFSET_MS : offsetFromDatabaseMs(ms)));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    weekday: local.getUTCDay(),
    dateKey: local.toISOString().slice(0, 10),
  };
}

/** `2026-11-20` moved by whole days. */
export function shiftDateKey(dateKey: string, days: number): string {
  return new Date(Date.parse(dateKey) + days * 86_400_000).toISOString().slice(0, 10);
}

let clock: Intl.DateTimeFormat | undefined;

function offsetFromDatabaseMs(ms: number): number {
  clock ??= new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Sao_Paulo',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const local = Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']);
  return local - Math.floor(ms / 1000) * 1000;
}
