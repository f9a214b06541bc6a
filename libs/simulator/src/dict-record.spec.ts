import { DAY_MS, HOUR_MS } from './calendar.js';
import { newDictRecord, restrictedAt, settle, statisticsAt, type Report } from './dict-record.js';
import { Random } from './random.js';

const startMs = Date.UTC(2026, 8, 1);

function record() {
  const fresh = newDictRecord(new Random(1), 0, startMs);
  fresh.reports = [];
  return fresh;
}

function report(openedAtMs: number, closedAtMs: number): Report {
  const details = { kind: 'muleAccounts' as const, amountCents: 123_456, reporter: 3, keyIndex: 0 };
  return { ...details, openedAtMs, closedAtMs, agreed: true, blocks: true };
}

test('counters lag behind by the watermark, twelve hours at most', () => {
  const one = record();
  settle(one, startMs + HOUR_MS, 4);
  const before = statisticsAt(one, startMs, 0, startMs + 11 * HOUR_MS);
  expect(before.ownerStatistics?.settlements?.d90).toBe(0);
  expect(before.ownerStatistics?.watermark).toBe('2026-09-01T00:00:00.000Z');
  const after = statisticsAt(one, startMs, 0, startMs + 12 * HOUR_MS);
  expect(after.ownerStatistics?.settlements?.d90).toBeGreaterThanOrEqual(3);
});

test('a report is open, then a marker of its kind, then leaves the 90 days', () => {
  const one = record();
  one.reports.push(report(startMs + DAY_MS, startMs + 3 * DAY_MS));
  const at = (days: number) => statisticsAt(one, startMs, 0, startMs + days * DAY_MS).ownerStatistics!;
  expect(at(0.5).infractionReports?.openReports).toBe(0);
  expect(at(2).infractionReports?.openReports).toBe(1);
  expect(at(2).fraudMarkers?.muleAccounts?.d90).toBe(0);
  expect(at(4).infractionReports?.openReports).toBe(0);
  expect(at(4).fraudMarkers?.muleAccounts).toEqual({ d90: 1, m12: 1, m60: 1 });
  expect(at(4).fraudMarkers?.totalFraudTransactionAmount?.m12).toBe(1_234);
  expect(at(100).fraudMarkers?.muleAccounts).toEqual({ d90: 0, m12: 1, m60: 1 });
});

test('a restriction begins with the agreed result', () => {
  const one = record();
  one.reports.push(report(startMs, startMs + DAY_MS));
  expect(restrictedAt(one, startMs + DAY_MS - 1)).toBe(false);
  expect(restrictedAt(one, startMs + DAY_MS)).toBe(true);
});
