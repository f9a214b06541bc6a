export const DAY_MS = 86_400_000;

/**
 * Day of the partition an assessment lies in, as days since 1970-01-01 UTC: the date inside the EndToEndId, so that the
 * id alone leads to it, or the date of acceptance where the id's digits are no date (SPI catalogue 5.13).
 */
export function epochDayOf(endToEndId: string, acceptedAtMs: number): number {
  return epochDayInside(endToEndId) ?? Math.floor(acceptedAtMs / DAY_MS);
}

/** The date inside the EndToEndId as days since 1970-01-01 UTC; undefined where its digits are no date. */
export function epochDayInside(endToEndId: string): number | undefined {
  const year = Number(endToEndId.slice(9, 13));
  const month = Number(endToEndId.slice(13, 15));
  const day = Number(endToEndId.slice(15, 17));
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  if (!(year >= 1000)) return undefined;
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms / DAY_MS : undefined;
}

/** 20777 -> `2026-11-20`. */
export function dayName(epochDay: number): string {
  return new Date(epochDay * DAY_MS).toISOString().slice(0, 10);
}

/** `2026-11-20` -> 20777. Throws RangeError when the text is no date. */
export function epochDay(name: string): number {
  const day = Date.parse(`${name}T00:00:00Z`) / DAY_MS;
  if (!Number.isInteger(day) || dayName(day) !== name) throw new RangeError(`${name} is no date as 2026-11-20`);
  return day;
}
