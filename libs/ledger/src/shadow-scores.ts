import type { Pool } from 'pg';

/** What a model that did not decide said of a payment. */
export interface ShadowScore {
  endToEndId: string;
  model: string;
  bundleVersion: string;
  probability: number;
  margin: number;
  scoredAtMs: number;
}

export interface ShadowTime {
  scores: number;
  firstAtMs: number | null;
  lastAtMs: number | null;
}

export async function recordShadowScores(pool: Pool, scores: ShadowScore[]): Promise<void> {
  if (scores.length === 0) return;
  await pool.query(
    `INSERT INTO shadow_score (end_to_end_id, model, bundle_version, probability, margin, scored_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8[], $6::timestamptz[])
     ON CONFLICT DO NOTHING`,
    [
      scores.map(({ endToEndId }) => endToEndId),
      scores.map(({ model }) => model),
      scores.map(({ bundleVersion }) => bundleVersion),
      scores.map(({ probability }) => probability),
      scores.map(({ margin }) => margin),
      scores.map(({ scoredAtMs }) => new Date(scoredAtMs)),
    ],
  );
}

export async function shadowTime(pool: Pool, model: string, bundleVersion: string): Promise<ShadowTime> {
  const { rows } = await pool.query<{ scores: string; first: Date | null; last: Date | null }>(
    `SELECT count(*) AS scores, min(scored_at) AS first, max(scored_at) AS last FROM shadow_score
     WHERE model = $1 AND bundle_version = $2`,
    [model, bundleVersion],
  );
  const { scores, first, last } = rows[0]!;
  return { scores: Number(scores), firstAtMs: first?.getTime() ?? null, lastAtMs: last?.getTime() ?? null };
}
