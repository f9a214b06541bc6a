import fc from 'fast-check';
import { saoPauloTime, shiftDateKey } from './sao-paulo-time.js';

const reference = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'America/Sao_Paulo',
  dateStyle: 'short',
  timeStyle: 'short',
});

/** `2026-11-20 20:15` by the time-zone database alone. */
function byDatabase(ms: number): string {
  return reference.format(ms);
}

function byUs(ms: number): string {
  const { dateKey, hour, minute } = saoPauloTime(ms);
  return `${dateKey} ${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

it('agrees with the time-zone database from 2010 to 2040', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2040, 0) }), (ms) => {
      expect(byUs(ms)).toBe(byDatabase(ms));
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['summer time began', '2018-11-04T03:00:00.000Z'],
  ['the last summer time ended', '2019-02-17T02:00:00.000Z'],
  ['the last local midnight before it', '2019-02-17T03:00:00.000Z'],
])('is right to the millisecond around the moment when %s', (_, instant) => {
  const ms = Date.parse(instant);
  for (const at of [ms - 1, ms, ms + 1]) expect(byUs(at)).toBe(byDatabase(at));
});

it('gives every part of the local clock', () => {
  expect(saoPauloTime(Date.parse('2026-11-21T02:15:04.210Z'))).toEqual({
    year: 2026,
    month: 11,
    day: 20,
    hour: 23,
    minute: 15,
    weekday: 5,
    dateKey: '2026-11-20',
  });
});

it('shifts a date over the end of a year and a leap day', () => {
  expect(shiftDateKey('2027-01-01', -1)).toBe('2026-12-31');
  expect(shiftDateKey('2028-02-28', 1)).toBe('2028-02-29');
});
