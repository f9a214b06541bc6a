import { daysBetween } from './calendar.js';

test('days begin at midnight in Brasília and count business days past holidays', () => {
  // September 2026 begins on a Tuesday; Monday the 7th is a holiday, so the fifth business day is Tuesday the 8th.
  const days = [...daysBetween(Date.UTC(2026, 8, 1, 3), Date.UTC(2026, 8, 11, 3))];
  expect(days).toHaveLength(10);
  expect(new Date(days[0]!.startMs).toISOString()).toBe('2026-09-01T03:00:00.000Z');
  expect(days.map((day) => day.businessDay)).toEqual([1, 2, 3, 4, 0, 0, 0, 5, 6, 7]);
  expect(days.filter((day) => day.weekend).map((day) => day.dayOfMonth)).toEqual([5, 6]);
});

test('a start late in the evening belongs to the local day before', () => {
  const [first] = [...daysBetween(Date.UTC(2026, 9, 2, 1), Date.UTC(2026, 9, 2, 2))];
  expect(first!.dayOfMonth).toBe(1);
});
