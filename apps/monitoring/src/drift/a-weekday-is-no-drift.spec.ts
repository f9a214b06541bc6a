import { HANDBOOK, PIX } from '@vigia/features';
import { calendarLack } from './calendar.js';

const DAY_MS = 86_400_000;

test.each([
  ['day_of_week', 1, false],
  ['day_of_week', 7, true],
  ['local_hour', 1, true],
  ['local_hour', 1 / 24, false],
  ['during_weekend', 6, false],
  ['amount', 1 / 24, true],
])('%s in a window of %d days is judged: %s', (feature, days, isJudged) => {
  expect(calendarLack(feature, days * DAY_MS) === null).toBe(isJudged);
});

test('what follows the calendar alone is known in every set that ships', () => {
  const calendar = [...PIX.features, ...HANDBOOK.features]
    .filter((feature) => feature.kind === 'computed' && fieldsIn(feature.expression).join() === 'accepted_at_ms')
    .map(({ name }) => name);
  expect(calendar.length).toBeGreaterThan(3);
  expect(calendar.filter((name) => calendarLack(name, 1) === null)).toEqual([]);
});

/** Names of the fields of the payment that an expression reads. */
function fieldsIn(expression: unknown): string[] {
  const names = [...JSON.stringify(expression).matchAll(/"op":"field","name":"([a-z_0-9]+)"/g)];
  return [...new Set(names.map(([, name]) => name!))];
}
