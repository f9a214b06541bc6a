import type { MonitoringWindow } from '@vigia/ledger';
import { ServiceCounter, type ServiceCounts } from '../window/service-counts.js';
import { Past } from './past.js';
import { serviceSignals } from './service-signals.js';
import { judge } from './verdict.js';

const PAYMENTS = 2_000;
const empty = new ServiceCounter().result();

/** Kinds that are alarmed after the last of these days; each has so many payments that are reviewed. */
function alarmsAfter(reviewed: number[]): string[] {
  const before: MonitoringWindow<ServiceCounts>[] = [];
  let alarmed: string[] = [];
  for (const [day, review] of reviewed.entries()) {
    const counts = { ...empty, decisions: { approve: PAYMENTS - review, review } };
    const [past, window] = [new Past(before), { payments: PAYMENTS, fromMs: day, toMs: day + 1, counts }];
    const verdicts = serviceSignals(window, past, 1).map((each) => judge(each, past.verdict(each.signal)));
    before.unshift({ model: 'pix-fraud', bundleVersion: '', role: 'service', verdicts, ...window });
    alarmed = verdicts.flatMap((verdict) => (verdict.alarmed ? [verdict.kind] : []));
  }
  return alarmed;
}

test.each<[string, number[], string[]]>([
  ['three times as many reviews, on two days', [12, 9, 11, 10, 34, 36], ['stopped_share']],
  ['three times as many on one day', [12, 9, 11, 10, 34, 11], []],
  ['what few reviews may be by chance', [2, 1, 3, 2, 5, 5], []],
  ['none at all', [30, 28, 31, 30, 0, 0], ['stopped_share']],
  ['a day without a past', [12], []],
])('%s', (_, reviewed, kinds) => {
  expect(alarmsAfter(reviewed)).toEqual(kinds);
});
