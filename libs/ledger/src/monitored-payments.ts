import type { Decision, Degradation } from '@vigia/contracts';
import { PAGE_ROWS, assessmentPages, type PageRange } from './assessment-pages.js';
import { toVector } from './assessment-query.js';
import { TRAITS, traitsOf, type PaymentTraits, type TraitsValue } from './payment-traits.js';

export interface MonitoredRange extends PageRange {
  /** Whose scores in shadow are read, too. */
  model: string;
}

/** What monitoring counts of a payment. */
export interface MonitoredPayment {
  endToEndId: string;
  traits: PaymentTraits;
  decision: Decision;
  /** Codes of its reasons: rules that fired, features that weighed. */
  reasons: string[];
  degraded: Degradation[];
  /** Features in the order of the set, NaN = missing; empty when none were computed. */
  vector: Float32Array;
  featureSetHash: string;
  /** Null when no model scored. */
  scored: { model: string; bundleVersion: string; probability: number } | null;
  /** Time from its arrival to the explained decision, µs. */
  latencyUs: number;
  /** By versions of the model that did not decide. */
  shadows: { bundleVersion: string; probability: number }[];
}

export const PAGE = `SELECT accepted_at, end_to_end_id, decision,
    ARRAY(SELECT jsonb_array_elements(reasons) ->> 'code') AS reasons, degraded, vector, feature_set_hash,
    model_name, model_version, probability, timings_us, ${TRAITS}
  FROM assessment WHERE accepted_at >= $1 AND accepted_at < $2 AND (accepted_at, end_to_end_id) > ($1, $3)
  ORDER BY accepted_at, end_to_end_id LIMIT ${PAGE_ROWS}`;

const SHADOWS = `SELECT end_to_end_id, bundle_version, probability FROM shadow_score
  WHERE end_to_end_id = ANY ($1) AND model = $2`;

type PageRow = [
  Date,
  string,
  Decision,
  string[],
  Degradation[],
  Buffer,
  string,
  string | null,
  string | null,
  number | null,
  Record<string, number>,
  TraitsValue,
];

/** The payments of a range in pages, see `assessmentPages`. @throws {Fault} `dependency_unavailable` */
export function readMonitoredPayments(
  url: string,
  { model, ...range }: MonitoredRange,
): AsyncGenerator<MonitoredPayment[], void, undefined> {
  return assessmentPages<PageRow, MonitoredPayment>(url, PAGE, range, async (rows, ask) => {
    const ids = rows.map(([, endToEndId]) => endToEndId);
    const shadows = Map.groupBy(await ask<[string, string, number]>(SHADOWS, [ids, model]), ([id]) => id);
    return rows.map((row) => toPayment(row, shadows.get(row[1]) ?? []));
  });
}

function toPayment(row: PageRow, shadows: [string, string, number][]): MonitoredPayment {
  const [acceptedAt, endToEndId, decision, reasons, degraded, vector, featureSetHash, ...rest] = row;
  const [model, version, probability, timings, traits] = rest;
  return {
    endToEndId,
    traits: traitsOf(acceptedAt, traits),
    decision,
    reasons,
    degraded,
    vector: toVector(vector),
    featureSetHash,
    scored: model === null || probability === null ? null : { model, bundleVersion: version ?? '', probability },
    latencyUs: Object.values(timings).reduce((sum, us) => sum + us, 0),
    shadows: shadows.map(([, bundleVersion, score]) => ({ bundleVersion, probability: score })),
  };
}
