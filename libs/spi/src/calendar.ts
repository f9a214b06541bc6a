import { saoPauloTime, shiftDateKey } from './sao-paulo-time.js';

/** A fixed national holiday, and the first year of those that are younger than Pix. */
const FIXED_HOLIDAYS: { monthDay: string; sinceYear?: number }[] = [
  { monthDay: '01-01' }, // Confraternização Universal
  { monthDay: '04-21' }, // Tiradentes
  { monthDay: '05-01' }, // Dia do Trabalho
  { monthDay: '09-07' }, // Independência
  { monthDay: '10-12' }, // Nossa Senhora Aparecida
  { monthDay: '11-02' }, // Finados
  { monthDay: '11-15' }, // República
  { monthDay: '11-20', sinceYear: 2024 }, // Consciência Negra, Lei 14.759/2023
  { monthDay: '12-25' }, // Natal
];

/**
 * Days from Easter Sunday that are no business days: Carnival Monday and Tuesday, Good Friday, Corpus Christi
 * (Resolução CMN 4.880/2020).
 */
const HOLIDAYS_FROM_EASTER = [-48, -47, -2, 60];

const holidaysByYear = new Map<number, ReadonlySet<string>>();

/** The days on which Brazilian banks are closed in that year, as `2026-11-20`, Saturdays and Sundays aside. */
export function bankHolidays(year: number): ReadonlySet<string> {
  const known = holidaysByYear.get(year);
  if (known) return known;
  const easter = easterSunday(year);
  const holidays = new Set([
    ...FIXED_HOLIDAYS.filter(({ sinceYear = year }) => year >= sinceYear).map(({ monthDay }) => `${year}-${monthDay}`),
    ...HOLIDAYS_FROM_EASTER.map((days) => shiftDateKey(easter, days)),
  ]);
  holidaysByYear.set(year, holidays);
  return holidays;
}

/** Whether banks are open on that date of São Paulo, as `2026-11-20`. */
export function isBusinessDay(dateInSaoPaulo: string): boolean {
  const weekday = new Date(dateInSaoPaulo).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !bankHolidays(Number(dateInSaoPaulo.slice(0, 4))).has(dateInSaoPaulo);
}

/** Easter Sunday by the Gregorian computus (Meeus, Astronomical Algorithms, chapter 8), as `2026-04-05`. */
export function easterSunday(year: number): string {
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const golden = year % 19;
  const correction = century - Math.floor(century / 4) - Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const moon = (19 * golden + correction + 15) % 30;
  const sunday = (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - moon - (yearOfCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * moon + 22 * sunday) / 451);
  const daysFromMarch = moon + sunday - 7 * late + 114;
  const month = Math.floor(daysFromMarch / 31);
  return `${year}-0${month}-${String((daysFromMarch % 31) + 1).padStart(2, '0')}`;
}

/** Hours of São Paulo: from `fromHour` (inclusive) to `toHour` (exclusive), over midnight when it is not less. */
export interface HourWindow {
  fromHour: number;
  toHour: number;
}

/** Period of the BCB's night limit for natural persons, since 4 October 2021; a customer may choose 22 to 6. */
export const nightWindow: HourWindow = { fromHour: 20, toHour: 6 };

export function isNight(ms: number, window: HourWindow = nightWindow): boolean {
  return nightKey(ms, window) !== null;
}

/** The local date on which the night of `ms` began, as `2026-11-20`: one key for one night. null by day. */
export function nightKey(ms: number, window: HourWindow = nightWindow): string | null {
  const { hour, dateKey } = saoPauloTime(ms);
  const overMidnight = window.fromHour >= window.toHour;
  if (hour >= window.fromHour && (overMidnight || hour < window.toHour)) return dateKey;
  return overMidnight && hour < window.toHour ? shiftDateKey(dateKey, -1) : null;
}

/** How long the payer's institution may keep a suspect order: on business days within the hours, and otherwise. */
export interface HoldRule {
  businessMinutes: number;
  otherMinutes: number;
  fromHour: number;
  toHour: number;
}

/** Extended authorisation for suspected fraud, Manual de Tempos do Pix 7.0. */
export const holdRule: HoldRule = { businessMinutes: 30, otherMinutes: 60, fromHour: 8, toHour: 20 };

/** Minutes that a payment accepted at `ms` may be held. */
export function holdMinutes(ms: number, rule: Partial<HoldRule> = {}): number {
  const { businessMinutes, otherMinutes, fromHour, toHour } = { ...holdRule, ...rule };
  const { hour, dateKey } = saoPauloTime(ms);
  return hour >= fromHour && hour < toHour && isBusinessDay(dateKey) ? businessMinutes : otherMinutes;
}

/** The last moment, ms since 1970, to which a payment accepted at `ms` may be held. */
export function holdDeadline(ms: number, rule: Partial<HoldRule> = {}): number {
  return ms + holdMinutes(ms, rule) * 60_000;
}
