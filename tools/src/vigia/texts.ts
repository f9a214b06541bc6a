import type { ModelChange } from '@vigia/contracts';
import { numberText, tableOf } from './table.js';

/** What the worker answers, as far as it is shown. */
export interface Version {
  version: string;
  bundleVersion: string;
  gate: string;
  aliases: string[];
  createdAt: string;
  bundle: { algorithm: string; metrics: Record<string, number>; parameters: Record<string, unknown> };
}

export interface Verdict {
  version: string;
  passed: boolean;
  checks: { name: string; passed: boolean; text: string }[];
}

export interface TrainResult {
  model: string;
  version: string;
  bundleVersion: string;
  evaluation: string | null;
}

interface Side {
  version: string;
  notApproved: number;
  ranking: { averagePrecision: number; rocAuc: number; recallAt1PercentFalsePositives: number } | null;
}

export interface LiveComparison {
  payments: number;
  truncated: boolean;
  labels: { fraud: number; genuine: number; none: number };
  meanAbsoluteDifference: number | null;
  shareDecidedDifferently: number | null;
  champion: Side;
  challenger: Side;
}

export interface Decided {
  decidedAt: string;
  decision: string;
  probability: number | null;
  model: { name: string; version: string } | null;
  change: ModelChange | null;
}

export function verdictText({ version, passed, checks }: Verdict): string {
  const failed = checks.filter((check) => !check.passed).map(({ name, text }) => `  ${name}: ${text}`);
  return [`Version ${version} ${passed ? 'passed' : 'failed'} the gate.`, ...failed].join('\n');
}

export function comparisonText(comparison: LiveComparison): string {
  const { payments, truncated, labels, champion, challenger } = comparison;
  const sides = [champion, challenger];
  const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(2)} %`);
  const rows = [
    ['not approved', ...sides.map(({ notApproved }) => numberText(notApproved))],
    ['average precision', ...sides.map(({ ranking }) => numberText(ranking?.averagePrecision))],
    ['area under ROC', ...sides.map(({ ranking }) => numberText(ranking?.rocAuc))],
    ['recall at 1 % FPR', ...sides.map(({ ranking }) => numberText(ranking?.recallAt1PercentFalsePositives))],
  ];
  return [
    `${payments} payments${truncated ? ' (the newest of more)' : ''}: ${labels.fraud} known as fraud, ` +
      `${labels.genuine} as genuine, ${labels.none} without a label, which count as genuine so far.`,
    `Decided differently: ${percent(comparison.shareDecidedDifferently)}. ` +
      `Mean difference of the probabilities: ${numberText(comparison.meanAbsoluteDifference)}.`,
    tableOf(['', `champion ${champion.version}`, `challenger ${challenger.version}`], rows),
  ].join('\n');
}

export function decidedText({ decidedAt, decision, probability, model, change }: Decided): string {
  const score = probability === null ? 'without a score' : `at probability ${numberText(probability)}`;
  const first = `${decision} on ${decidedAt} ${score}, by ${model ? `${model.name} ${model.version}` : 'the policy alone'}.`;
  if (change === null) {
    return model === null
      ? first
      : `${first}\nNo change on record: the challenger in the canary, or a model from a file.`;
  }
  const { kind, changedAt, by, reason, to, overridden } = change;
  return [
    first,
    `Version ${to.version}, live since ${changedAt} by ${kind === 'promote' ? 'the promotion' : 'the rollback'} of ${by}: ${reason}`,
    ...overridden.map((objection) => `Set aside then: ${objection}`),
  ].join('\n');
}
