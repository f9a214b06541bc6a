import type { Action, Decision, Degradation, PseudonymousPayment, Reason, Side } from '@vigia/contracts';

/** When and at which place of its log an entity was read for a decision; lets an audit replay the same windows. */
export interface EntityRead {
  /** How many events the entity's log had had, this one included. */
  position: number;
  /** The moment the entity was read as of: the payment's time, or the entity's clock where that was later. */
  atMs: number;
}

/** One assessed payment as the ledger keeps it. The payment is pseudonymised; its clear form has no way in. */
export interface AssessmentRow {
  endToEndId: string;
  side: Side;
  acceptedAtMs: number;
  decidedAtMs: number;
  /**
   * When it reached the windows, µs since 1970 by the clock of the online store, or of the service while the store is
   * away: payments and labels in this order make the same windows again. 0 in rows from before it was kept.
   */
  arrivedUs: number;
  /** Name of the API key that asked. */
  caller: string;
  /** SHA-256 of the pseudonymised payment: tells a repeat from a conflict. 32 bytes. */
  contentSha256: Uint8Array;
  payment: PseudonymousPayment;
  /** Served features in the feature set's order, NaN = missing; empty when none were computed. */
  vector: Float32Array;
  /** By entity of the online plan; empty when the online store was away. */
  effective: Record<string, EntityRead>;
  /** Calibrated; null when no model scored. */
  probability: number | null;
  /** The trees' raw log-odds; null when no model scored. */
  margin: number | null;
  decision: Decision;
  action: Action;
  reasons: Reason[];
  /** Rules of the policy that fired. */
  rules: string[];
  warnings: string[];
  degraded: Degradation[];
  model: { name: string; version: string } | null;
  policy: { name: string; version: string };
  featureSet: { name: string; hash: string };
  /** Microseconds by stage. */
  timingsUs: Record<string, number>;
}
