import type { AlertSeverity } from '@vigia/ledger';

export interface SignalKind {
  title: string;
  /** What `value` is. */
  value: string;
  /** From this value on a window speaks for an alarm, where the change is more than chance. */
  enter: number;
  /** Below this value a window speaks for its end. Between the two nothing changes. */
  leave: number;
  /** Windows in a row that it takes, either way. */
  windows: number;
  severity: AlertSeverity;
}

/** Windows that an alert stays a warning for; then it is critical. */
export const ESCALATE_AFTER_WINDOWS = 3;

/** Every kind of signal, and of alert, with its thresholds. PSI: 0.1 and 0.25 are custom (Siddiqi 2006). */
export const SIGNAL_KINDS = {
  feature_drift: {
    title: 'Features are distributed otherwise than in training',
    value: 'PSI of the feature against training',
    enter: 0.25,
    leave: 0.1,
    windows: 2,
    severity: 'warning',
  },
  missing_values: {
    title: 'Features are missing more or less often than in training',
    value: 'change of the share of missing values',
    enter: 0.05,
    leave: 0.02,
    windows: 2,
    severity: 'warning',
  },
  score_drift: {
    title: 'Scores are distributed otherwise than in validation',
    value: 'PSI of the probability against validation',
    enter: 0.25,
    leave: 0.1,
    windows: 2,
    severity: 'warning',
  },
  decision_shift: {
    title: 'Decisions are distributed otherwise than in the last good windows',
    value: 'PSI of the decisions',
    enter: 0.1,
    leave: 0.05,
    windows: 2,
    severity: 'warning',
  },
  reason_shift: {
    title: 'Reasons are distributed otherwise than in the last good windows',
    value: 'PSI of the reason codes',
    enter: 0.25,
    leave: 0.1,
    windows: 2,
    severity: 'warning',
  },
  stopped_share: {
    title: 'Many more or fewer of the payments are reviewed or rejected than in the last good windows',
    value: 'logarithm of the ratio of their shares, either way: PSI is blind to what is rare',
    enter: Math.log(2),
    leave: Math.log(1.5),
    windows: 2,
    severity: 'warning',
  },
  volume_shift: {
    title: 'Many more or fewer payments than in the last good windows',
    value:
      'logarithm of the ratio of payments an hour, either way; to the same hours a week before where that is nearer',
    enter: Math.log(2),
    leave: Math.log(1.5),
    windows: 1,
    severity: 'warning',
  },
  slow_decisions: {
    title: 'Decisions take longer than in the last good windows',
    value: 'logarithm of the ratio of the 99th percentiles',
    enter: Math.log(1.5),
    leave: Math.log(1.2),
    windows: 2,
    severity: 'warning',
  },
  degraded: {
    title: 'Payments are decided without features, model or policy',
    value: 'share of the payments',
    enter: 0.01,
    leave: 0.005,
    windows: 1,
    severity: 'warning',
  },
  estimated_performance: {
    title: 'The model is estimated to find less than in the last good windows',
    value: 'loss of estimated average precision, as a share of it',
    enter: 0.25,
    leave: 0.15,
    windows: 2,
    severity: 'warning',
  },
  realised_performance: {
    title: 'By the labels the model finds less than on its hold-out',
    value: 'loss as a share of the value on the hold-out',
    enter: 0.25,
    leave: 0.15,
    windows: 2,
    severity: 'critical',
  },
  unknown_categories: {
    title: 'Features have values that training never saw',
    value: 'share of the payments with such a value',
    enter: 0.01,
    leave: 0.005,
    windows: 2,
    severity: 'warning',
  },
  segment_drift: {
    title: 'In a segment scores or decisions are distributed otherwise than in the last good windows',
    value: 'PSI of the scores or the decisions in the segment, or of the payments over the segments',
    enter: 0.25,
    leave: 0.1,
    windows: 2,
    severity: 'warning',
  },
  segment_performance: {
    title: 'In a segment the model finds less than on its hold-out, or is estimated to find less than before',
    value: 'loss of recall in the segment, as a share of it',
    enter: 0.25,
    leave: 0.15,
    windows: 2,
    severity: 'warning',
  },
  not_enough_data: {
    title: 'There are too few payments to say anything',
    value: '1 where there are too few',
    enter: 1,
    leave: 1,
    windows: 2,
    severity: 'warning',
  },
  no_reference: {
    title: 'The bundle has nothing to compare with: drift of features and scores is not seen',
    value: '1 where it has none',
    enter: 1,
    leave: 1,
    windows: 1,
    severity: 'warning',
  },
} as const satisfies Record<string, SignalKind>;

export type SignalKindName = keyof typeof SIGNAL_KINDS;

export const isSignalKind = (name: string): name is SignalKindName => name in SIGNAL_KINDS;

/** Section of docs/runbook.md. */
export const runbookOf = (kind: SignalKindName): string => `docs/runbook.md#alert-${kind.replaceAll('_', '-')}`;
