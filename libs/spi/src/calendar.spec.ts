import fc from 'fast-check';
import { bankHolidays, easterSunday, holdDeadline, holdMinutes, isBusinessDay, isNight, nightKey } from './calendar.js';

const at = (local: string) => Date.parse(`${local}-03:00`);

describe('holidays', () => {
  it.each([
    '1818-03-22',
    '1943-04-25',
    '2019-04-21',
    '2020-04-12',
    '2024-03-31',
    '2025-04-20',
    '2026-04-05',
    '2038-04-25',
  ])('Easter fell or falls on %s', (date) => expect(easterSunday(Number(date.slice(0, 4)))).toBe(date));

  it('Easter is a Sunday from 22 March to 25 April', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1900, max: 2200 }), (year) => {
        const date = easterSunday(year);
        expect(new Date(date).getUTCDay()).toBe(0);
        expect(date >= `${year}-03-22` && date <= `${year}-04-25`).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('of 2026', () => {
    expect([...bankHolidays(2026)].sort()).toEqual([
      '2026-01-01',
      '2026-02-16',
      '2026-02-17',
      '2026-04-03',
      '2026-04-21',
      '2026-05-01',
      '2026-06-04',
      '2026-09-07',
      '2026-10-12',
      '2026-11-02',
      '2026-11-15',
      '2026-11-20',
      '2026-12-25',
    ]);
  });

  it('20 November is one since 2024', () => {
    expect(isBusinessDay('2023-11-20')).toBe(true);
    expect(isBusinessDay('2024-11-20')).toBe(false);
  });

  it('weekends are no business days, Ash Wednesday and Maundy Thursday are', () => {
    expect(isBusinessDay('2026-11-21')).toBe(false);
    expect(isBusinessDay('2026-11-22')).toBe(false);
    expect(isBusinessDay('2026-02-18')).toBe(true);
    expect(isBusinessDay('2026-04-02')).toBe(true);
  });
});

describe('night', () => {
  it.each([
    ['2026-11-20T19:59:59.999', null],
    ['2026-11-20T20:00:00.000', '2026-11-20'],
    ['2026-11-20T23:59:59.999', '2026-11-20'],
    ['2026-11-21T00:00:00.000', '2026-11-20'],
    ['2026-11-21T05:59:59.999', '2026-11-20'],
    ['2026-11-21T06:00:00.000', null],
    ['2027-01-01T03:00:00.000', '2026-12-31'],
  ])('at %s belongs to %p', (local, key) => {
    expect(nightKey(at(local))).toBe(key);
    expect(isNight(at(local))).toBe(key !== null);
  });

  it('may begin at 22 by the wish of the customer', () => {
    expect(isNight(at('2026-11-20T21:30:00'), { fromHour: 22, toHour: 6 })).toBe(false);
    expect(isNight(at('2026-11-20T22:00:00'), { fromHour: 22, toHour: 6 })).toBe(true);
  });

  it('within one day has the key of that day', () => {
    expect(nightKey(at('2026-11-20T02:00:00'), { fromHour: 0, toHour: 6 })).toBe('2026-11-20');
    expect(nightKey(at('2026-11-20T07:00:00'), { fromHour: 0, toHour: 6 })).toBeNull();
  });

  it('has 10 hours in any 24 and one key from its begin to its end', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) }), (ms) => {
        const hours = Array.from({ length: 24 }, (_, hour) => nightKey(ms + hour * 3_600_000));
        expect(hours.filter((key) => key !== null)).toHaveLength(10);
        expect(new Set(hours.filter((key) => key !== null)).size).toBeLessThanOrEqual(2);
      }),
      { numRuns: 100 },
    );
  });
});

describe('hold of a suspect order', () => {
  it.each([
    ['business day', '2026-11-19T08:00:00.000', 30],
    ['business day, last moment', '2026-11-19T19:59:59.999', 30],
    ['before 8', '2026-11-19T07:59:59.999', 60],
    ['at 20', '2026-11-19T20:00:00.000', 60],
    ['national holiday', '2026-11-20T10:00:00.000', 60],
    ['Saturday', '2026-11-21T10:00:00.000', 60],
    ['Carnival Tuesday', '2026-02-17T10:00:00.000', 60],
  ])('%s: %s, %i minutes', (_, local, minutes) => {
    expect(holdMinutes(at(local))).toBe(minutes);
    expect(holdDeadline(at(local))).toBe(at(local) + minutes * 60_000);
  });

  it('follows the rule it is given', () => {
    const ms = at('2026-11-19T21:00:00');
    expect(holdMinutes(ms, { toHour: 22, businessMinutes: 45 })).toBe(45);
    expect(holdMinutes(ms, { otherMinutes: 90 })).toBe(90);
  });
});
