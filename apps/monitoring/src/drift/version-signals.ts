import type { MonitoringWindow } from '@vigia/ledger';
import {
  benjaminiHochberg,
  compareHistograms,
  mergeHistograms,
  type Comparison,
  type Histogram,
  type PValue,
} from '@vigia/statistics';
import type { Reference, ReferenceAnswer } from '../window/reference.js';
import type { VersionCounts } from '../window/version-counts.js';
import { SIGNIFICANCE } from './significance.js';
import type { Past } from './past.js';
import type { Measurement } from './verdict.js';

const MEASURES = ['psi', 'chi_square', 'kolmogorov_smirnov', 'jensen_shannon'] as const;

export interface VersionWindow {
  payments: number;
  counts: VersionCounts;
  answer: ReferenceAnswer;
}

/** Drift of what a version saw and said; what is decided is the policy's, and the service's signal. */
export function versionSignals(
  { payments, counts, answer }: VersionWindow,
  past: Past<VersionCounts>,
  minimum: number,
): Measurement[] {
  const enough = payments >= minimum;
  const lack = enough ? null : `the window has ${payments} payments of the ${minimum} needed`;
  return [
    {
      signal: 'data',
      kind: 'not_enough_data',
      measured: true,
      value: enough ? 0 : 1,
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
    ...(answer.kind === 'found' ? againstTraining(counts, answer.reference, past, lack) : []),
  ];
}

interface Compared {
  signal: string;
  kind: 'feature_drift' | 'score_drift';
  training: Comparison;
  lastGood: Comparison | null;
}

function againstTraining(
  counts: VersionCounts,
  reference: Reference,
  past: Past<VersionCounts>,
  lack: string | null,
): Measurement[] {
  const features = Object.entries(reference.features).map(([name, histogram]): Compared => {
    const signal = `feature/${name}`;
    const current = counts.features[name]!;
    const lastGood = mergedOf(past.good(signal), ({ features: known }) => known[name]);
    return compared(signal, 'feature_drift', histogram, current, lastGood);
  });
  const lastScores = mergedOf(past.good('score'), ({ score: known }) => known ?? undefined);
  const score = compared('score', 'score_drift', reference.probability, counts.score!, lastScores);
  const all = [...features, score];
  const pValues = adjusted(all.map(({ training }) => pOf(training)));
  const lastPValues = adjusted(all.map(({ lastGood }) => (lastGood ? pOf(lastGood) : null)));
  const missing = adjusted(features.map(({ training }) => missingP(training)));
  return [
    ...all.map((each, index) => driftSignal(each, pValues[index]!, lastPValues[index]!, lack)),
    ...features.map((each, index) => missingSignal(each, missing[index]!, lack)),
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

function driftSignal(
  { signal, kind, training, lastGood }: Compared,
  pValue: PValue,
  lastPValue: PValue,
  lack: string | null,
): Measurement {
  const numbers = {
    training: { ...effectsOf(training), adjustedP: pValue },
    lastGood: lastGood && { ...effectsOf(lastGood), adjustedP: lastPValue },
  };
  const psi = training.results.psi!;
  if (lack !== null) return { signal, kind, measured: false, reason: lack, usable: false, numbers };
  if (psi.kind !== 'measured') return { signal, kind, measured: false, reason: psi.reason, usable: true, numbers };
  const significant = pValue !== null && pValue <= SIGNIFICANCE;
  return { signal, kind, measured: true, value: psi.statistic, significant, numbers };
}

function missingSignal({ signal: name, training }: Compared, pValue: PValue, lack: string | null): Measurement {
  const signal = name.replace('feature/', 'missing/');
  const [before, now] = [shareMissing(training.reference), shareMissing(training.current)];
  const numbers = { training: before, window: now, adjustedP: pValue };
  const base = { signal, kind: 'missing_values' as const, numbers };
  if (lack !== null) return { ...base, measured: false, reason: lack, usable: false };
  if (training.missing.kind !== 'measured') {
    return { ...base, measured: false, reason: training.missing.reason, usable: true };
  }
  const significant = pValue !== null && pValue <= SIGNIFICANCE;
  return { ...base, measured: true, value: Math.abs(now - before), significant };
}

const adjusted = (pValues: PValue[]): PValue[] => benjaminiHochberg(pValues);

function pOf({ results }: Comparison): PValue {
  const { chi_square: chi } = results;
  return chi?.kind === 'measured' ? chi.pValue : null;
}

const missingP = ({ missing }: Comparison): PValue => (missing.kind === 'measured' ? missing.pValue : null);

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
