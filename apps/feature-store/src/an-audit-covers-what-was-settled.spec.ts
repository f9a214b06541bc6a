import { auditPayload } from './audit-schedule.js';

const MINUTE_MS = 60_000;
const at = (time: string): number => Date.parse(`2026-11-20T${time}Z`);
const rangeAt = (time: string, everyMinutes: number): string => {
  const { from, to } = auditPayload('pix', everyMinutes * MINUTE_MS, at(time));
  return `${from.slice(11, 19)} ${to.slice(11, 19)}`;
};

test('the last whole stretch that ended a minute ago', () => {
  expect(rangeAt('12:16:00', 15)).toBe('12:00:00 12:15:00');
  expect(rangeAt('12:15:59', 15)).toBe('11:45:00 12:00:00');
});

test('audits after one another leave nothing out, whenever the service was started', () => {
  const ends = ['12:07:13', '12:22:13', '12:37:13'].map((time) => rangeAt(time, 15));
  expect(ends).toEqual(['11:45:00 12:00:00', '12:00:00 12:15:00', '12:15:00 12:30:00']);
});
