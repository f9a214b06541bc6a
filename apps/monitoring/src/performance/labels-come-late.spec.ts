import type { JudgedPayment } from '@vigia/ledger';
import { traitsBuilder } from '../traffic.fixture.js';
import { SCORE_EDGES } from '../window/score-bins.js';
import type { VersionCounts } from '../window/version-counts.js';
import { delayCurve, shareIn } from './delay-curve.js';
import { realisedSignals } from './performance-signals.js';
import { realisedPerformance } from './realised.js';
import { realisedSegmentSignals } from './segment-performance.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 28);
const VERSION = 'bundle-1';

/** A fraud of so many days ago whose label came so many days after it. */
const fraud = (daysAgo: number, delayDays: number, probability = 0.9, amountCents = 50_00): JudgedPayment => ({
  endToEndId: `${daysAgo}-${delayDays}`,
  acceptedAtMs: NOW_MS - daysAgo * DAY_MS,
  traits: traitsBuilder({ acceptedAtMs: NOW_MS - daysAgo * DAY_MS, amountCents }),
  fraud: true,
  fraudKnownAtMs: NOW_MS - (daysAgo - delayDays) * DAY_MS,
  scores: [{ bundleVersion: VERSION, probability }],
});

/** A day of 1,000 payments, `flagged` of them with a score of 0.9, the rest with 0.01. */
function window(daysAgo: number, flagged: number) {
  const scoreBins = SCORE_EDGES.map(() => 0).concat(0);
  const binOf = (score: number) => SCORE_EDGES.findIndex((edge) => score <= edge);
  scoreBins[binOf(0.01)] = 1_000 - flagged;
  scoreBins[binOf(0.9)] = flagged;
  const counts = { scoreBins, flagged: { threshold: 0.2, payments: flagged } } as VersionCounts;
  const toMs = NOW_MS - (daysAgo - 1) * DAY_MS;
  return {
    model: 'pix-fraud',
    bundleVersion: VERSION,
    role: 'champion' as const,
    fromMs: toMs - DAY_MS,
    toMs,
    payments: 1_000,
    counts,
    verdicts: [],
  };
}

const repeated = (count: number, make: (index: number) => JudgedPayment): JudgedPayment[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('the delay curve', () => {
  test('goes by old payments alone: the quick labels of young ones would make it steeper', () => {
    // Half of the labels come after 2 days, half after 20.
    const old = repeated(40, (index) => fraud(50, index % 2 ? 2 : 20));
    const young = repeated(1_000, () => fraud(5, 1));
    const curve = delayCurve([...old, ...young], NOW_MS, 30);
    expect([1, 3, 19, 21, 31].map((days) => shareIn(curve, days * DAY_MS))).toEqual([0, 0.5, 0.5, 1, 1]);
  });

  test('says what is lacking', () => {
    const curve = delayCurve(
      repeated(1_000, () => fraud(5, 1)),
      NOW_MS,
      30,
    );
    expect(curve).toEqual({
      kind: 'not_enough_data',
      reason: '0 frauds are known of payments older than 30 days, 30 needed',
    });
    expect(shareIn(curve, 10 * DAY_MS)).toBeNull();
  });

  test('a label that is older than its payment is one that was there at once', () => {
    const curve = delayCurve(
      repeated(40, (index) => fraud(50, index < 10 ? -3 : 2)),
      NOW_MS,
      30,
    );
    expect([0, 1, 3].map((days) => shareIn(curve, days * DAY_MS))).toEqual([0.25, 0.25, 1]);
  });

  test('labels that come after the horizon are outside it to its end', () => {
    const curve = delayCurve(
      repeated(40, (index) => fraud(60, index < 10 ? 40 : 1)),
      NOW_MS,
      30,
    );
    expect([2, 30, 31].map((days) => shareIn(curve, days * DAY_MS))).toEqual([0.75, 0.75, 1]);
  });
});

describe('realised performance', () => {
  test('counts what the labels say', () => {
    const judged = [...repeated(6, () => fraud(3.5, 1)), ...repeated(2, () => fraud(3.5, 1, 0.01))];
    expect(realisedPerformance([window(4, 10)], judged)).toMatchObject({
      frauds: 8,
      found: 6,
      flagged: 10,
      precision: { value: 0.6 },
      recall: { value: 0.75 },
    });
  });

  test('frauds of other windows and other versions do not count', () => {
    const other = { ...fraud(3.5, 1), scores: [{ bundleVersion: 'bundle-2', probability: 0.9 }] };
    expect(realisedPerformance([window(4, 10)], [fraud(5.5, 1), other])).toMatchObject({
      frauds: 0,
      recall: { kind: 'not_enough_data', reason: 'no frauds' },
      averagePrecision: { kind: 'not_enough_data', reason: '0 frauds are known, 2 needed' },
    });
  });

  test('without the bundle there is no threshold, and the order is measured all the same', () => {
    const { counts, ...rest } = window(4, 10);
    const judged = repeated(6, () => fraud(3.5, 1));
    expect(realisedPerformance([{ ...rest, counts: { ...counts, flagged: null } }], judged)).toMatchObject({
      flagged: null,
      precision: { kind: 'not_enough_data' },
      averagePrecision: { kind: 'measured', value: 0.6 },
    });
  });
});

describe('a verdict by labels', () => {
  const metrics = { average_precision: 0.6, precision_at_review: 0.6, recall_at_review: 0.8 };
  const old = repeated(40, (index) => fraud(50.5, index % 2 ? 2 : 20));
  const curve = delayCurve(old, NOW_MS, 30);
  const verdict = (judged: JudgedPayment[], windows: ReturnType<typeof window>[]) =>
    realisedSignals(windows, metrics, { judged, curve }, NOW_MS).find(({ signal }) => signal.includes('precision_at'));

  test('a young window with few labels is not read as a bad one', () => {
    // Of 60 flagged payments of 4 days ago 10 are known as frauds so far.
    expect(
      verdict(
        repeated(10, () => fraud(3.5, 1)),
        [window(4, 60)],
      ),
    ).toMatchObject({
      measured: false,
      reason: 'no window has 90 % of its labels yet',
    });
  });

  test('an old one with few frauds among the flagged is', () => {
    expect(
      verdict(
        repeated(30, () => fraud(24.5, 1)),
        [window(25, 200), window(4, 60)],
      ),
    ).toMatchObject({
      measured: true,
      value: 0.75,
      significant: true,
      numbers: { windows: 1, frauds: 30 },
    });
  });

  test('an old one with few frauds at all says nothing', () => {
    expect(
      verdict(
        repeated(5, () => fraud(24.5, 1)),
        [window(25, 200)],
      ),
    ).toMatchObject({
      measured: false,
      reason: '5 frauds are known of windows with their labels, 30 needed',
    });
  });
});

describe('a segment by its labels', () => {
  const old = repeated(40, (index) => fraud(50.5, index % 2 ? 2 : 20));
  const curve = delayCurve(old, NOW_MS, 30);
  const recalls = {
    'amount/below_100_brl': { recall: 0.8, frauds: 100 },
    'amount/from_5000_brl': { recall: 0.8, frauds: 100 },
    'amount/100_to_1000_brl': { recall: 0.8, frauds: 100 },
  };
  /** Frauds of a window of 25 days ago: small ones that are found, large ones that are not. */
  const judged = [
    ...repeated(40, () => fraud(24.5, 1, 0.9, 50_00)),
    ...repeated(40, (index) => fraud(24.5, 1, index < 10 ? 0.9 : 0.01, 9_000_00)),
  ];

  test('what the whole hides shows: large frauds are found no more', () => {
    const signals = realisedSegmentSignals([window(25, 200), window(4, 60)], recalls, { judged, curve }, NOW_MS);
    expect(signals).toMatchObject([
      { signal: 'segment/amount/below_100_brl/realised_recall', measured: true, value: 0 },
      { signal: 'segment/amount/from_5000_brl/realised_recall', measured: true, value: 0.6875 },
      {
        signal: 'segment/amount/100_to_1000_brl/realised_recall',
        measured: false,
        reason: '0 frauds are known of windows with their labels, 30 needed',
      },
    ]);
    expect(signals[1]!.measured && signals[1]!.pValue).toBeLessThan(1e-6);
  });

  test('young windows say nothing of segments either', () => {
    expect(realisedSegmentSignals([window(4, 60)], recalls, { judged, curve }, NOW_MS)[0]).toMatchObject({
      measured: false,
      reason: 'no window has 90 % of its labels yet',
    });
  });
});
