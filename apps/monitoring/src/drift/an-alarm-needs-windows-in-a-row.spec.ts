import { judge, type Measurement } from './verdict.js';

/** Values of a signal window by window; null where there were too few payments, `~` in front where it may be chance. */
type Step = number | null | `~${number}`;

/** `feature_drift`: enters at 0.25, leaves below 0.1, two windows in a row. */
function statesOf(steps: Step[]): string[] {
  let before: ReturnType<typeof judge> | undefined;
  return steps.map((step) => {
    const base = { signal: 'feature/amount', kind: 'feature_drift' as const, numbers: {} };
    const measurement: Measurement =
      step === null
        ? { ...base, measured: false, reason: 'too few', usable: false }
        : {
            ...base,
            measured: true,
            value: Number(String(step).replace('~', '')),
            significant: typeof step === 'number',
          };
    before = judge(measurement, before);
    return before.alarmed && before.state === 'not_enough_data' ? 'not_enough_data, alarmed' : before.state;
  });
}

test.each<[string, Step[], string[]]>([
  ['one high window is suspect, two are an alarm', [0, 0.3, 0.3, 0.3], ['ok', 'suspect', 'alarm', 'alarm']],
  ['a high window between quiet ones is forgotten', [0.3, 0, 0.3, 0], ['suspect', 'ok', 'suspect', 'ok']],
  ['between the thresholds an alarm stays', [0.3, 0.3, 0.2, 0.2, 0.2], ['suspect', 'alarm', 'alarm', 'alarm', 'alarm']],
  ['between the thresholds nothing begins', [0.2, 0.24, 0.2], ['ok', 'ok', 'ok']],
  [
    'around the upper threshold nothing flaps',
    [0.3, 0.3, 0.2, 0.3, 0.05, 0.3, 0.05, 0.05],
    ['suspect', 'alarm', 'alarm', 'alarm', 'recovering', 'alarm', 'recovering', 'ok'],
  ],
  ['what may be chance is none', ['~0.9', '~0.9', '~0.9'], ['ok', 'ok', 'ok']],
  ['an alarm ends by what may be chance', [0.3, 0.3, '~0.9', '~0.9'], ['suspect', 'alarm', 'recovering', 'ok']],
  ['too few payments neither begin nor end', [0.3, null, 0.3], ['suspect', 'not_enough_data', 'alarm']],
  [
    'an alarm outlasts windows with too few payments',
    [0.3, 0.3, null, 0, null, 0],
    ['suspect', 'alarm', 'not_enough_data, alarmed', 'recovering', 'not_enough_data, alarmed', 'ok'],
  ],
])('%s', (_, steps, states) => expect(statesOf(steps)).toEqual(states));

test('a window that speaks for an alarm is compared with by no later one, one that lacks a past is', () => {
  const base = { signal: 'decision', kind: 'decision_shift' as const, numbers: {} };
  const goodness = (measurement: Measurement): boolean => judge(measurement, undefined).good;
  expect(goodness({ ...base, measured: true, value: 0.3, significant: true })).toBe(false);
  expect(goodness({ ...base, measured: true, value: 0.01, significant: true })).toBe(true);
  expect(goodness({ ...base, measured: false, reason: 'no past', usable: true })).toBe(true);
  expect(goodness({ ...base, measured: false, reason: 'no payments', usable: false })).toBe(false);
});
