import type { Decision } from '@vigia/contracts';
import type { Pool } from 'pg';
import { dayName, epochDayInside } from './day.js';
import { LABEL_FIRST } from './label-order.js';
import { asking } from './outage.js';
import { TRAITS, traitsOf, type PaymentTraits, type TraitsValue } from './payment-traits.js';

/** What a policy that did not decide would have decided of a payment. */
export interface PolicyShadowDecision {
  endToEndId: string;
  policy: string;
  version: string;
  decision: Decision;
  rules: string[];
  decidedAtMs: number;
}

export interface PolicyShadowRange {
  policy: string;
  version: string;
  /** Of the moments at which it decided in shadow, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** Newest payments that are read. */
  limit: number;
}

/** A payment that one version decided and another one decided in shadow. */
export interface ShadowedPayment {
  traits: PaymentTraits;
  /** Version that decided, and what. */
  decidedBy: string;
  decision: Decision;
  shadow: Decision;
  /** By its label, see `labelOf`; null where there is none. */
  fraud: boolean | null;
}

/** Ids that one question names. */
const CHUNK = 5_000;

export async function recordPolicyShadow(pool: Pool, rows: PolicyShadowDecision[]): Promise<void> {
  if (rows.length === 0) return;
  await pool.query(
    `INSERT INTO policy_shadow (end_to_end_id, policy, version, decision, rules, decided_at)
     SELECT e->>'endToEndId', e->>'policy', e->>'version', e->>'decision',
       ARRAY(SELECT jsonb_array_elements_text(e->'rules')), to_timestamp((e->>'decidedAtMs')::float8 / 1000)
     FROM jsonb_array_elements($1::jsonb) e ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

/** Those decided in shadow last come first, in chunks. */
export async function* shadowedPayments(
  pool: Pool,
  { policy, version, fromMs, toMs, limit }: PolicyShadowRange,
): AsyncGenerator<ShadowedPayment[], void, undefined> {
  const { rows } = await asking(() =>
    pool.query<{ end_to_end_id: string; decision: Decision }>(
      `SELECT end_to_end_id, decision FROM policy_shadow
       WHERE policy = $1 AND version = $2 AND decided_at >= $3 AND decided_at < $4
       ORDER BY decided_at DESC, end_to_end_id DESC LIMIT $5`,
      [policy, version, new Date(fromMs), new Date(toMs), limit],
    ),
  );
  for (let at = 0; at < rows.length; at += CHUNK) {
    const chunk = new Map(rows.slice(at, at + CHUNK).map((row) => [row.end_to_end_id, row.decision]));
    yield await asking(() => decidedOf(pool, policy, chunk));
  }
}

interface DecidedRow {
  end_to_end_id: string;
  accepted_at: Date;
  decision: Decision;
  policy_version: string;
  traits: TraitsValue;
  verdict: string | null;
}

async function decidedOf(pool: Pool, policy: string, shadow: Map<string, Decision>): Promise<ShadowedPayment[]> {
  const ids = [...shadow.keys()];
  const days = ids.map(epochDayInside);
  // Where the digits of an id are no date, its day is not known: then all partitions are looked into.
  const known = days.every((day) => day !== undefined) ? [...new Set(days)].map(dayName) : null;
  const { rows } = await pool.query<DecidedRow>(
    `SELECT a.end_to_end_id, a.accepted_at, a.decision, a.policy_version, ${TRAITS} AS traits,
       (SELECT result FROM outcome o WHERE o.end_to_end_id = a.end_to_end_id AND result <> 'open'
        ORDER BY ${LABEL_FIRST} LIMIT 1) AS verdict
     FROM assessment a
     WHERE a.end_to_end_id = ANY($1) AND a.policy_name = $2 ${known === null ? '' : 'AND a.day = ANY($3::date[])'}`,
    [ids, policy, ...(known === null ? [] : [known])],
  );
  return rows.map((row) => ({
    traits: traitsOf(row.accepted_at, row.traits),
    decidedBy: row.policy_version,
    decision: row.decision,
    shadow: shadow.get(row.end_to_end_id)!,
    fraud: row.verdict === null ? null : row.verdict === 'agreed',
  }));
}
