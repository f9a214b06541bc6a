import { referenceHistograms } from '@vigia/contracts';
import type { MonitoringWindow, PaymentTraits, SignalVerdict } from '@vigia/ledger';
import { manifestOf } from '../registered.fixture.js';
import { randomOf, referenceOf, scoredPayments, traitsBuilder, type ScoredPayment } from '../traffic.fixture.js';
import type { ReferenceAnswer } from '../window/reference.js';
import { segmentsOf } from '../window/segments.js';
import { VersionCounter, type VersionCounts } from '../window/version-counts.js';
import { Past } from './past.js';
import { corrected } from './significance.js';
import { judge } from './verdict.js';
import { driftSignals } from './version-signals.js';

const random = randomOf(5);
const MINIMUM = 800;
const DAY_MS = 86_400_000;
const answer: ReferenceAnswer = {
  kind: 'found',
  reference: {
    manifest: manifestOf('pix-fraud', 'bundle-1', {}, {}),
    ...referenceHistograms.parse({
      ...JSON.parse(referenceOf(scoredPayments(20_000, random))),
      categories: { flag: [0, 1] },
    }),
    recalls: {},
  },
};
const { featureSet } = answer.reference.manifest;

type Traits = (index: number) => Partial<PaymentTraits>;
/** Nine of ten by app, the rest by web. */
const USUAL: Traits = (index) => ({ channel: index % 10 === 0 ? 'web' : 'app' });

function countsOf(payments: ScoredPayment[], traits: Traits = USUAL): VersionCounts {
  const counter = new VersionCounter(answer);
  counter.add(
    payments.map(({ vector, probability }, index) => ({
      segments: segmentsOf(traitsBuilder(traits(index))),
      vector,
      featureSetHash: featureSet.hash,
      probability,
      decision: probability >= 0.2 ? 'review' : 'approve',
    })),
  );
  return counter.result();
}

/** Verdicts by signal, window by window. */
function verdictsOf(windows: VersionCounts[], payments: number): Map<string, SignalVerdict>[] {
  const before: MonitoringWindow<VersionCounts>[] = [];
  return windows.map((counts, index) => {
    const past = new Past(before);
    const measured = corrected(driftSignals({ payments, lengthMs: DAY_MS, counts, answer }, past, MINIMUM));
    const verdicts = measured.map((each) => judge(each, past.verdict(each.signal)));
    before.unshift({
      ...{ model: 'pix-fraud', bundleVersion: 'bundle-1', role: 'champion', payments, counts, verdicts },
      ...{ fromMs: index, toMs: index + 1 },
    });
    return new Map(verdicts.map((verdict) => [verdict.signal, verdict]));
  });
}

const alarmsIn = (verdicts: Map<string, SignalVerdict>): string[] =>
  [...verdicts.values()].filter(({ alarmed }) => alarmed).map(({ signal }) => signal);

test('quiet windows raise nothing in any segment', () => {
  const windows = Array.from({ length: 8 }, () => countsOf(scoredPayments(6_000, random)));
  for (const verdicts of verdictsOf(windows, 6_000)) expect(alarmsIn(verdicts)).toEqual([]);
});

test('what changes in a tenth of the payments is an alarm of that segment alone', () => {
  const quiet = () => countsOf(scoredPayments(6_000, random));
  const shifted = () => {
    const payments = scoredPayments(6_000, random);
    // By web, and by web alone, nearly everything looks suspicious.
    for (let index = 0; index < payments.length; index += 10) payments[index]!.probability = 0.3 + 0.6 * random();
    return countsOf(payments);
  };
  const last = verdictsOf([quiet(), quiet(), quiet(), shifted(), shifted()], 6_000).at(-1)!;
  expect(alarmsIn(last)).toEqual(['segment/channel/web/score', 'segment/channel/web/decision']);
  expect(last.get('score')!.value).toBeLessThan(0.25);
  expect(last.get('segment/channel/web/score')!.value).toBeGreaterThan(1);
});

test('doubtful payments below the threshold are a loss of estimated recall in their segment', () => {
  const quiet = () => countsOf(scoredPayments(10_000, random, { suspicious: 0.2 }));
  const shifted = () => {
    const payments = scoredPayments(10_000, random, { suspicious: 0.2 });
    for (let index = 0; index < payments.length; index += 10) {
      if (payments[index]!.probability > 0.2) payments[index]!.probability = 0.19;
    }
    return countsOf(payments);
  };
  const last = verdictsOf([quiet(), quiet(), quiet(), shifted(), shifted()], 10_000).at(-1)!;
  expect(last.get('segment/channel/web/estimated_recall')).toMatchObject({
    state: 'alarm',
    kind: 'segment_performance',
  });
  expect(last.get('segment/channel/app/estimated_recall')).toMatchObject({ state: 'ok' });
});

test('payments that come over a channel that never was are told by the mix', () => {
  const fresh: Traits = (index) => ({ channel: index % 3 === 0 ? 'call_centre' : 'app' });
  const payments = () => scoredPayments(6_000, random);
  const windows = [
    countsOf(payments()),
    countsOf(payments()),
    countsOf(payments(), fresh),
    countsOf(payments(), fresh),
  ];
  const last = verdictsOf(windows, 6_000).at(-1)!;
  expect(alarmsIn(last)).toEqual(['mix/channel']);
  expect(last.get('mix/channel')!.numbers).toMatchObject({ lastGood: { app: 10_800, web: 1_200 } });
  // It never was before, so it is compared with nothing.
  expect(last.get('segment/channel/call_centre/score')).toMatchObject({ state: 'ok' });
  expect(last.get('segment/channel/web/score')).toMatchObject({ state: 'not_enough_data' });
});

test('a segment of few payments says nothing, and is no green', () => {
  const few: Traits = (index) => ({ channel: index < 300 ? 'branch' : 'app' });
  const windows = [0, 1].map(() => countsOf(scoredPayments(6_000, random), few));
  expect(verdictsOf(windows, 6_000).at(-1)!.get('segment/channel/branch/score')).toMatchObject({
    state: 'not_enough_data',
    reason: 'the reference has 300 rows that are not missing of the 500 needed',
  });
});

test('a window with too few payments says nothing of segments either', () => {
  const verdicts = verdictsOf([countsOf(scoredPayments(700, random))], 700)[0]!;
  const states = [...verdicts.values()].map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['not_enough_data']));
});

describe('values that training never saw', () => {
  const withTwos = (share: number) => {
    const payments = scoredPayments(6_000, random);
    for (const { vector } of payments) if (random() < share) vector[2] = 2;
    return countsOf(payments);
  };
  const of = (counts: VersionCounts[]) => verdictsOf(counts, 6_000).map((verdicts) => verdicts.get('unseen/flag')!);

  test('two windows of them are an alarm, which names them, and two without end it', () => {
    const verdicts = of([withTwos(0), withTwos(0.03), withTwos(0.03), withTwos(0), withTwos(0)]);
    expect(verdicts.map(({ state }) => state)).toEqual(['ok', 'suspect', 'alarm', 'recovering', 'ok']);
    expect(verdicts[2]).toMatchObject({ kind: 'unknown_categories', numbers: { values: [2] } });
  });

  test('a few of them are none', () => {
    expect(of([withTwos(0.003), withTwos(0.003)]).map(({ state }) => state)).toEqual(['ok', 'ok']);
  });

  test('a feature that no payment has says so', () => {
    const payments = scoredPayments(6_000, random);
    for (const { vector } of payments) vector[2] = NaN;
    expect(of([countsOf(payments)])).toMatchObject([
      { state: 'not_enough_data', reason: 'no payment of the window has it' },
    ]);
  });
});
