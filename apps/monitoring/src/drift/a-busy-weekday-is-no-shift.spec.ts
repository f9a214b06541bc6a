import type { MonitoringWindow } from '@vigia/ledger';
import { ServiceCounter, type ServiceCounts } from '../window/service-counts.js';
import { Past } from './past.js';
import { serviceSignals } from './service-signals.js';
import { judge } from './verdict.js';

const DAY_MS = 86_400_000;
const counts = new ServiceCounter().result();

/** The last of these days, which are full of payments: is their number an alarm? */
function alarmOn(days: number[]): boolean {
  const before: MonitoringWindow<ServiceCounts>[] = [];
  const alarms = days.map((payments, day) => {
    const [past, window] = [new Past(before), { payments, fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS, counts }];
    const verdicts = serviceSignals(window, past, 1).map((each) => judge(each, past.verdict(each.signal)));
    before.unshift({ model: 'pix-fraud', bundleVersion: '', role: 'service', verdicts, ...window });
    return verdicts.find(({ signal }) => signal === 'volume')!.alarmed;
  });
  return alarms.at(-1)!;
}

const WEEK = [1_000, 1_000, 1_000, 1_000, 1_000, 1_900, 1_000];

test.each([
  ['a busy day of every week', 3_000, 1_900, false],
  ['a day as busy as no day of that kind', 3_000, 1_000, true],
  ['less than half of the same day a week before, and of the week', 500, 1_900, true],
])('%s', (_, payments, aWeekBefore, alarmed) => {
  expect(alarmOn([...WEEK.with(5, aWeekBefore), ...WEEK.slice(0, 5), payments])).toBe(alarmed);
});

test('a day before there is a week is held against the days that there are', () => {
  expect(alarmOn([1_000, 1_000, 1_000, 2_100])).toBe(true);
  expect(alarmOn([1_000, 1_000, 1_000, 1_900])).toBe(false);
});
