import type { Action, Decision, Degradation, Outcome, PseudonymousPayment, Reason, Side } from '@vigia/contracts';
import type { ColumnType, Generated } from 'kysely';
import type { EntityRead } from './assessment-row.js';

/** Columns as `migrations.ts` makes them. Assessments are written by `assessment-insert.ts` alone. */
export interface Database {
  assessment: AssessmentTable;
  outcome: OutcomeTable;
  window_label: WindowLabelTable;
}

type ReadOnly<T> = ColumnType<T, never, never>;

export interface AssessmentTable {
  end_to_end_id: ReadOnly<string>;
  day: ColumnType<Date, never, never>;
  side: ReadOnly<Side>;
  accepted_at: ReadOnly<Date>;
  decided_at: ReadOnly<Date>;
  /** A bigint: the driver answers text. */
  arrived_us: ReadOnly<string>;
  caller: ReadOnly<string>;
  content_sha256: ReadOnly<Buffer>;
  payment: ReadOnly<PseudonymousPayment>;
  vector: ReadOnly<Buffer>;
  effective: ReadOnly<Record<string, EntityRead>>;
  probability: ReadOnly<number | null>;
  margin: ReadOnly<number | null>;
  decision: ReadOnly<Decision>;
  action: ReadOnly<Action>;
  reasons: ReadOnly<Reason[]>;
  rules: ReadOnly<string[]>;
  warnings: ReadOnly<string[]>;
  degraded: ReadOnly<Degradation[]>;
  model_name: ReadOnly<string | null>;
  model_version: ReadOnly<string | null>;
  policy_name: ReadOnly<string>;
  policy_version: ReadOnly<string>;
  feature_set: ReadOnly<string>;
  feature_set_hash: ReadOnly<string>;
  timings_us: ReadOnly<Record<string, number>>;
}

export interface OutcomeTable {
  id: Generated<string>;
  end_to_end_id: string;
  source: Outcome['source'];
  result: Outcome['result'];
  situation: Outcome['situation'];
  fraud_marker: NonNullable<Outcome['fraudMarker']> | null;
  report_id: string | null;
  known_at: Date;
  recorded_at: Date;
  caller: string;
}

export interface WindowLabelTable {
  id: Generated<string>;
  end_to_end_id: string;
  fraud: boolean;
  arrived_us: ColumnType<string, number, never>;
  changed: boolean;
  feature_set_hash: string;
  recorded_at: Generated<Date>;
}
