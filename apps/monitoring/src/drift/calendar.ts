const DAY_MS = 86_400_000;

/** Features that follow the calendar alone, with the time after which it begins anew, ms. */
const PERIODS: Record<string, number> = {
  local_hour: DAY_MS,
  is_night: DAY_MS,
  during_night: DAY_MS,
  day_of_week: 7 * DAY_MS,
  during_weekend: 7 * DAY_MS,
};

/**
 * Why a window of this length says nothing of a feature; null where it does. A Tuesday is unlike a training of many
 * weeks by its weekday, every Tuesday, and nothing has changed.
 */
export function calendarLack(feature: string, lengthMs: number): string | null {
  const periodMs = PERIODS[feature];
  if (periodMs === undefined || lengthMs >= periodMs) return null;
  return `it follows the calendar: a window needs ${periodMs / DAY_MS} days to hold all of it`;
}
