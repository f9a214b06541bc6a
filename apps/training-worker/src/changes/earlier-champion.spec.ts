import type { ModelChange } from '@vigia/contracts';
import { earlierChampion } from './earlier-champion.js';

const ids = (version: string) => ({ version, bundleVersion: `bundle-${version}` });

/** `+B` promotes B, `-A` rolls back to A; answers the history, newest first. */
function history(...steps: string[]): ModelChange[] {
  let live: string | null = null;
  return steps
    .map((step) => {
      const from = live === null ? null : ids(live);
      live = step.slice(1);
      const kind = step.startsWith('+') ? ('promote' as const) : ('rollback' as const);
      return { model: 'm', kind, from, to: ids(live), by: '', reason: '', overridden: [], jobId: '', changedAt: '' };
    })
    .reverse();
}

test.each([
  [[], null],
  [['+A'], null],
  [['+A', '+B'], 'A'],
  [['+A', '+B', '-A'], null],
  [['+A', '+B', '+C', '-B'], 'A'],
  [['+A', '+B', '+C', '-B', '-A'], null],
  [['+A', '+B', '-A', '+C'], 'A'],
  [['+A', '+B', '-A', '+B'], 'A'],
  [['+A', '+B', '+A'], 'B'],
  [['+A', '+B', '+A', '-B'], 'A'],
])('after %j the champion to go back to is %s', (steps, expected) => {
  expect(earlierChampion(history(...steps))?.version ?? null).toBe(expected);
});

test('a champion that no change on record had made can be gone back to', () => {
  const [first] = history('+A');
  expect(earlierChampion([{ ...first!, from: ids('Z') }])).toEqual(ids('Z'));
});
