import { cumulative, weighted, type Random } from './random.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Brasília is UTC-3 all year since 2019. */
const BRASILIA_MS = -3 * HOUR_MS;

/** A day in Brasília. */
export interface Day {
  /** Local midnight, as UTC milliseconds. */
  startMs: number;
  dayOfMonth: number;
  weekend: boolean;
  /** 1 for the first business day of the month; 0 when the banks rest. */
  businessDay: number;
  /** Share of the mean day's volume. */
  volume: number;
}

/** National holidays on fixed dates, as month * 100 + day. */
const HOLIDAYS = new Set([101, 421, 501, 907, 1012, 1102, 1115, 1120, 1225]);

/** Sunday first. Friday is the strongest day, weekends are weaker (BCB, monthly statistics). */
const WEEKDAY_VOLUME = [0.78, 0.99, 0.99, 1.0, 1.04, 1.2, 1.0];

/** The days that touch [startMs, endMs). */
export function* daysBetween(startMs: number, endMs: number): Generator<Day> {
  const first = Math.floor((startMs + BRASILIA_MS) / DAY_MS);
  for (let number = first; number * DAY_MS - BRASILIA_MS < endMs; number++) yield dayOf(number);
}

function dayOf(number: number): Day {
  const local = new Date(number * DAY_MS);
  const dayOfMonth = local.getUTCDate();
  let businessDay = 0;
  if (isBusinessDay(number))
    for (let other = number; other > number - dayOfMonth; other--) if (isBusinessDay(other)) businessDay++;
  const payDay = businessDay === 5 ? 1.25 : dayOfMonth === 20 || dayOfMonth === 30 || dayOfMonth === 10 ? 1.08 : 0.985;
  const weekday = local.getUTCDay();
  return {
    startMs: number * DAY_MS - BRASILIA_MS,
    dayOfMonth,
    weekend: weekday === 0 || weekday === 6,
    businessDay,
    volume: WEEKDAY_VOLUME[weekday]! * payDay,
  };
}

function isBusinessDay(number: number): boolean {
  const local = new Date(number * DAY_MS);
  const weekday = local.getUTCDay();
  return weekday !== 0 && weekday !== 6 && !HOLIDAYS.has((local.getUTCMonth() + 1) * 100 + local.getUTCDate());
}

/** Relative weight of each local hour, midnight first. */
export const HOURS = {
  shopping: cumulative([3, 2, 1, 1, 1, 3, 10, 22, 34, 42, 50, 64, 76, 58, 52, 54, 60, 72, 84, 82, 70, 52, 30, 12]),
  transfer: cumulative([8, 5, 3, 2, 2, 4, 12, 26, 44, 54, 58, 58, 60, 56, 56, 58, 60, 66, 72, 74, 72, 62, 42, 20]),
  bill: cumulative([2, 1, 1, 1, 1, 6, 18, 40, 66, 80, 78, 66, 52, 50, 56, 56, 52, 46, 44, 46, 44, 34, 18, 6]),
  business: cumulative([1, 1, 1, 1, 2, 4, 10, 30, 70, 95, 100, 88, 50, 72, 90, 92, 86, 62, 26, 12, 6, 4, 2, 1]),
  night: cumulative([40, 30, 16, 8, 5, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 12, 30, 55, 70, 72, 60]),
} as const;

/** A moment of `day` by an hour curve, shifted by the habit of the person (hours). */
export function momentOf(random: Random, day: Day, curve: Float64Array, shiftHours = 0): number {
  const hour = weighted(random, curve) + random.unit() + shiftHours;
  return day.startMs + Math.floor((((hour % 24) + 24) % 24) * HOUR_MS);
}

/** UTC milliseconds as the contracts write an instant. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}
