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
export { migrate } from './migrate.js';
