import type { MonitoringWindow } from '@vigia/ledger';
import { compareHistograms, mergeHistograms, type Comparison, type Histogram, type PValue } from '@vigia/statistics';
import type { Reference, ReferenceAnswer } from '../window/reference.js';
import type { UnseenCounts } from '../window/unseen-counts.js';
import type { VersionCounts } from '../window/version-counts.js';
import { calendarLack } from './calendar.js';
import { chanceOf } from './category-counts.js';
import type { Past } from './past.js';
import { segmentSignals } from './segment-signals.js';
import type { Tested } from './significance.js';
import type { Measurement } from './verdict.js';

const MEASURES = ['psi', 'chi_square', 'kolmogorov_smirnov', 'jensen_shannon'] as const;

export interface VersionWindow {
  payments: number;
  /** Of the window. */
  lengthMs: number;
  counts: VersionCounts;
  answer: ReferenceAnswer;
}

/** Why nothing can be said of a window; null where it has payments enough. */
export const lackOf = (payments: number, minimum: number): string | null =>
  payments >= minimum ? null : `the window has ${payments} payments of the ${minimum} needed`;

/** Whether there is enough to judge a version by. */
export function dataSignals({ payments, answer }: VersionWindow, minimum: number): Measurement[] {
  const lack = lackOf(payments, minimum);
  return [
    {
      signal: 'data',
      kind: 'not_enough_data',
      measured: true,
      value: lack === null ? 0 : 1,
      significant: true,
      numbers: { payments, minimum },
      ...(lack === null ? {} : { reason: lack }),
    },
    {
      signal: 'reference',
      kind: 'no_reference',
      measured: true,
      value: answer.kind === 'found' ? 0 : 1,
      significant: true,
      numbers: {},
      ...(answer.kind === 'found' ? {} : { reason: answer.reason }),
    },
  ];
}

/** Drift of what a version saw and said; what is decided as a whole is the policy's, and the service's signal. */
export function driftSignals(
  { payments, lengthMs, counts, answer }: VersionWindow,
  past: Past<VersionCounts>,
  minimum: number,
): Tested[] {
  if (answer.kind !== 'found') return [];
  const lack = lackOf(payments, minimum);
  const { reference } = answer;
  return [
    ...againstTraining({ counts, lengthMs }, reference, past, lack),
    ...Object.entries(counts.unseen).map(([name, unseen]) => unseenSignal(name, unseen, reference, lack)),
    ...segmentSignals(counts, past, reference.probability.edges, lack),
  ];
}

interface Compared {
  signal: string;
  kind: 'feature_drift' | 'score_drift';
  training: Comparison;
  lastGood: Comparison | null;
}

function againstTraining(
  { counts, lengthMs }: Pick<VersionWindow, 'counts' | 'lengthMs'>,
  reference: Reference,
  past: Past<VersionCounts>,
  lack: string | null,
): Tested[] {
  const features = Object.entries(reference.features).map(([name, histogram]): Compared => {
    const signal = `feature/${name}`;
    const current = counts.features[name]!;
    const lastGood = mergedOf(past.good(signal), ({ features: known }) => known[name]);
    return compared(signal, 'feature_drift', histogram, current, lastGood);
  });
  const lastScores = mergedOf(past.good('score'), ({ score: known }) => known ?? undefined);
  const score = compared('score', 'score_drift', reference.probability, counts.score!, lastScores);
  return [
    ...features.map((each) => driftSignal(each, lack ?? calendarLack(each.signal.replace('feature/', ''), lengthMs))),
    driftSignal(score, lack),
    ...features.map((each) => missingSignal(each, lack)),
  ];
}

function compared(
  signal: string,
  kind: Compared['kind'],
  reference: Histogram,
  current: Histogram,
  lastGood: Histogram | null,
): Compared {
  return {
    signal,
    kind,
    training: compareHistograms(reference, current, MEASURES),
    lastGood: lastGood && compareHistograms(lastGood, current, MEASURES),
  };
}

function driftSignal({ signal, kind, training, lastGood }: Compared, lack: string | null): Tested {
  const numbers = { training: effectsOf(training), lastGood: lastGood && effectsOf(lastGood) };
  const psi = training.results.psi!;
  if (lack !== null) return { signal, kind, measured: false, reason: lack, usable: false, numbers };
  if (psi.kind !== 'measured') return { signal, kind, measured: false, reason: psi.reason, usable: true, numbers };
  return { signal, kind, measured: true, value: psi.statistic, pValue: pOf(training), numbers };
}

function missingSignal({ signal: name, training }: Compared, lack: string | null): Tested {
  const signal = name.replace('feature/', 'missing/');
  const [before, now] = [shareMissing(training.reference), shareMissing(training.current)];
  const base = { signal, kind: 'missing_values' as const, numbers: { training: before, window: now } };
  if (lack !== null) return { ...base, measured: false, reason: lack, usable: false };
  const { missing } = training;
  if (missing.kind !== 'measured') return { ...base, measured: false, reason: missing.reason, usable: true };
  return { ...base, measured: true, value: Math.abs(now - before), pValue: missing.pValue };
}

/** Values that training never had, of a feature that had few there: new codes of a caller, or a field that broke. */
function unseenSignal(
  name: string,
  { present, unseen, values }: UnseenCounts,
  { features }: Reference,
  lack: string | null,
): Tested {
  const base = { signal: `unseen/${name}`, kind: 'unknown_categories' as const, numbers: { present, unseen, values } };
  if (lack !== null) return { ...base, measured: false, reason: lack, usable: false };
  if (present === 0) return { ...base, measured: false, reason: 'no payment of the window has it', usable: true };
  const inTraining = features[name]!.counts.reduce((sum, count) => sum + count, 0);
  const pValue = chanceOf({ seen: inTraining }, { seen: present - unseen, unseen });
  return { ...base, measured: true, value: unseen / present, pValue };
}

function pOf({ results }: Comparison): PValue {
  const { chi_square: chi } = results;
  return chi?.kind === 'measured' ? chi.pValue : null;
}

function effectsOf({ results }: Comparison): Record<string, number | null> {
  return Object.fromEntries(
    MEASURES.map((name) => {
      const result = results[name];
      return [name, result?.kind === 'measured' ? result.effect : null];
    }),
  );
}

const shareMissing = ({ present, missing }: { present: number; missing: number }): number =>
  present + missing === 0 ? 0 : missing / (present + missing);

/** Of windows with the same edges; a bundle never changes, so those of one version have them. */
function mergedOf(
  windows: MonitoringWindow<VersionCounts>[],
  read: (counts: VersionCounts) => Histogram | undefined,
): Histogram | null {
  const known = windows.flatMap(({ counts }) => read(counts) ?? []);
  return known.length === 0 ? null : known.reduce(mergeHistograms);
}
