import type { Decision, Degradation, PseudonymousPayment } from '@vigia/contracts';
import { PAGE_ROWS, assessmentPages, type PageRange } from './assessment-pages.js';
import { toVector } from './assessment-query.js';
import { LABEL_FIRST } from './label-order.js';
import { TRAITS, traitsOf, type PaymentTraits, type TraitsValue } from './payment-traits.js';

export interface DecidedRange extends PageRange {
  /** Only labels known before this moment. */
  knownBeforeMs: number;
}

/** What a policy needs to decide a payment anew, what was decided, and its label. */
export interface DecidedPayment {
  traits: PaymentTraits;
  payment: PseudonymousPayment;
  /** Features in the order of the set, NaN = missing; empty when none were computed. */
  vector: Float32Array;
  featureSetHash: string;
  /** Null when no model scored. */
  probability: number | null;
  degraded: Degradation[];
  decision: Decision;
  rules: string[];
  policy: { name: string; version: string };
  /** By its label, see `labelOf`; null where there is none. */
  fraud: boolean | null;
}

const PAGE = `SELECT accepted_at, end_to_end_id, payment, vector, feature_set_hash, probability, degraded, decision,
    rules, policy_name, policy_version, ${TRAITS}
  FROM assessment WHERE accepted_at >= $1 AND accepted_at < $2 AND (accepted_at, end_to_end_id) > ($1, $3)
  ORDER BY accepted_at, end_to_end_id LIMIT ${PAGE_ROWS}`;

const LABELS = `SELECT payment, (SELECT result FROM outcome WHERE end_to_end_id = payment AND result <> 'open'
    AND known_at < $2 ORDER BY ${LABEL_FIRST} LIMIT 1) FROM unnest($1::text[]) AS payments (payment)`;

type PageRow = [
  Date,
  string,
  PseudonymousPayment,
  Buffer,
  string,
  number | null,
  Degradation[],
  Decision,
  string[],
  string,
  string,
  TraitsValue,
];

/** The payments of a range in pages, see `assessmentPages`. @throws {Fault} `dependency_unavailable` */
export function readDecidedPayments(
  url: string,
  { knownBeforeMs, ...range }: DecidedRange,
): AsyncGenerator<DecidedPayment[], void, undefined> {
  return assessmentPages<PageRow, DecidedPayment>(url, PAGE, range, async (rows, ask) => {
    const ids = rows.map(([, endToEndId]) => endToEndId);
    const labels = new Map(await ask<[string, string | null]>(LABELS, [ids, new Date(knownBeforeMs)]));
    return rows.map((row) => toPayment(row, labels.get(row[1]) ?? null));
  });
}

function toPayment(row: PageRow, label: string | null): DecidedPayment {
  const [acceptedAt, , payment, vector, featureSetHash, probability, degraded, decision, rules, ...rest] = row;
  const [name, version, traits] = rest;
  return {
    traits: traitsOf(acceptedAt, traits),
    payment,
    vector: toVector(vector),
    featureSetHash,
    probability,
    degraded,
    decision,
    rules,
    policy: { name, version },
    fraud: label === null ? null : label === 'agreed',
  };
}
