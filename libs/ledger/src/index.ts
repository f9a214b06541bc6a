export { type AssessmentRow, type EntityRead } from './assessment-row.js';
export { Ledger, type LedgerOptions } from './ledger.js';
export {
  AssessmentWriter,
  type Recorded,
  type WriterCounters,
  type WriterEvent,
  type WriterOptions,
} from './assessment-writer.js';
export { type AssessmentFilter, type AssessmentPage } from './assessment-query.js';
export { type OutcomeRow } from './outcomes.js';
export {
  type HistoryEvent,
  type HistoryLabel,
  type HistoryPayment,
  type HistoryRange,
  type ServedPayment,
} from './history.js';
export { type PendingLabels, type WindowLabel } from './window-labels.js';
export { type NewModelChange } from './model-changes.js';
export { type ShadowScore, type ShadowTime } from './shadow-scores.js';
export { type ComparedPayment, type ShadowComparison, type ShadowComparisonRange } from './shadow-comparison.js';
export { MonitoringRecord, type AlertStep } from './monitoring-record.js';
export { type PaymentTraits } from './payment-traits.js';
export { type MonitoredPayment, type MonitoredRange } from './monitored-payments.js';
export { type JudgedPayment, type VerdictRange } from './verdicts.js';
export {
  SIGNAL_STATES,
  type MonitoredRole,
  type MonitoringWindow,
  type SignalState,
  type SignalVerdict,
  type WindowQuestion,
} from './monitoring-windows.js';
export {
  type Alert,
  type AlertChange,
  type AlertQuestion,
  type AlertSeverity,
  type AlertSignal,
  type NoticeEvent,
  type Silence,
} from './alerts.js';
export { type AlertNotice, type NoticeChannel, type NoticeEnd } from './alert-notices.js';
export { type ActionLimits, type MonitoringAction } from './monitoring-actions.js';
export { AccountabilityRecord } from './accountability-record.js';
export {
  type FraudOccurrence,
  type OccurrenceGroup,
  type OccurrenceKind,
  type OccurrenceRange,
} from './fraud-occurrences.js';
export { type SubjectReviewAccess } from './subject-review-accesses.js';
export { CaseRecord } from './case-record.js';
export { type InboxStep } from './case-inbox.js';
export { type CaseCounts, type CaseDetail, type CaseOfPayment, type CasePage } from './case-questions.js';
export { type CaseEvent, type CasePayment, type CaseSummary } from './case-row.js';
export { type CaseActor } from './case-transaction.js';
export { PolicyRecord } from './policy-record.js';
export { type DecidedPayment, type DecidedRange } from './decided-payments.js';
export { type PolicyBackTest, type RecordedBackTest } from './policy-back-tests.js';
export { type NamedPolicies, type NewPolicyChange } from './policy-changes.js';
export { type PolicyShadowDecision, type PolicyShadowRange, type ShadowedPayment } from './policy-shadow.js';
export { type PolicyVersionRow, type PolicyVersionSummary } from './policy-versions.js';
export { migrate } from './migrate.js';
