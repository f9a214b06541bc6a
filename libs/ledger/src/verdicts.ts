import type { Pool } from 'pg';
import { TRAITS, traitsOf, type PaymentTraits, type TraitsValue } from './payment-traits.js';
import { LABEL_FIRST } from './label-order.js';

export interface VerdictRange {
  model: string;
  /** Of the moments at which payments were accepted, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** Only what was known before this moment. */
  knownBeforeMs: number;
  /** Newest payments that are read. */
  limit: number;
}

/** A payment of which somebody said in the end whether it was fraud. */
export interface JudgedPayment {
  endToEndId: string;
  acceptedAtMs: number;
  traits: PaymentTraits;
  /** By its label, see `labelOf`. */
  fraud: boolean;
  /** When that it was fraud was said first; null where it never was. */
  fraudKnownAtMs: number | null;
  /** By every version that scored it, in shadow or not. */
  scores: { bundleVersion: string; probability: number }[];
}

interface Row {
  end_to_end_id: string;
  accepted_at: Date;
  traits: TraitsValue;
  verdict: string;
  fraud_known_at: Date | null;
  scores: { bundleVersion: string; probability: number }[];
}

/** Days that the date in an EndToEndId may lie from the day of acceptance; wider than any tolerance that makes sense. */
const DAYS_APART = 8;

/** Newest first. */
export async function judgedPayments(pool: Pool, range: VerdictRange): Promise<JudgedPayment[]> {
  const { model, fromMs, toMs, knownBeforeMs, limit } = range;
  const { rows } = await pool.query<Row>(
    `SELECT a.end_to_end_id, a.accepted_at, ${TRAITS} AS traits, o.verdict, o.fraud_known_at, s.scores
     FROM (
       SELECT end_to_end_id, (array_agg(result ORDER BY ${LABEL_FIRST}))[1] AS verdict,
         min(known_at) FILTER (WHERE result = 'agreed') AS fraud_known_at
       FROM outcome WHERE result <> 'open' AND known_at >= $2 AND known_at < $4 GROUP BY end_to_end_id
     ) o
     JOIN assessment a ON a.end_to_end_id = o.end_to_end_id
       AND a.day BETWEEN ($2::timestamptz)::date - ${DAYS_APART} AND ($3::timestamptz)::date + ${DAYS_APART}
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('bundleVersion', version, 'probability', p)), '[]') AS scores FROM (
         SELECT a.model_version AS version, a.probability AS p WHERE a.model_name = $1 AND a.probability IS NOT NULL
         UNION ALL
         SELECT bundle_version, probability FROM shadow_score x WHERE x.end_to_end_id = a.end_to_end_id AND x.model = $1
       ) each
     ) s
     WHERE a.accepted_at >= $2 AND a.accepted_at < $3
     ORDER BY a.accepted_at DESC, a.end_to_end_id DESC LIMIT $5`,
    [model, new Date(fromMs), new Date(toMs), new Date(knownBeforeMs), limit],
  );
  return rows.map((row) => ({
    endToEndId: row.end_to_end_id,
    acceptedAtMs: row.accepted_at.getTime(),
    traits: traitsOf(row.accepted_at, row.traits),
    fraud: row.verdict === 'agreed',
    fraudKnownAtMs: row.fraud_known_at?.getTime() ?? null,
    scores: row.scores,
  }));
}
