import { sql, type Kysely } from 'kysely';
import type { Database } from './database.js';
import { LABEL_FIRST } from './label-order.js';

/** What the windows of a feature set were told of a payment. */
export interface WindowLabel {
  endToEndId: string;
  fraud: boolean;
  /** By the clock of the online store, µs since 1970. */
  arrivedUs: number;
  /** False: the windows knew it already, or do not hold the payment. */
  changed: boolean;
  featureSetHash: string;
}

export interface PendingLabels {
  featureSetHash: string;
  /** Verdicts that became known before are too old for any window. */
  knownFromMs: number;
  limit: number;
  /** The last id of the page before. */
  after?: string;
}

/** Said again without a change, it is noted only where the last note says otherwise. */
export async function recordWindowLabel(database: Kysely<Database>, label: WindowLabel): Promise<void> {
  const { endToEndId, fraud, arrivedUs, changed, featureSetHash } = label;
  await sql`
    INSERT INTO window_label (end_to_end_id, fraud, arrived_us, changed, feature_set_hash)
    SELECT ${endToEndId}, ${fraud}, ${arrivedUs}::bigint, ${changed}, ${featureSetHash}
    WHERE ${changed} OR ${fraud} IS DISTINCT FROM (
      SELECT fraud FROM window_label WHERE end_to_end_id = ${endToEndId} AND feature_set_hash = ${featureSetHash}
      ORDER BY arrived_us DESC, id DESC LIMIT 1)`.execute(database);
}

/** Payments whose label, see `labelOf`, differs from the last note, or has none. */
export async function pendingLabels(database: Kysely<Database>, question: PendingLabels): Promise<string[]> {
  const { featureSetHash, knownFromMs, limit, after = '' } = question;
  const { rows } = await sql<{ end_to_end_id: string }>`
    SELECT verdict.end_to_end_id FROM (
      SELECT DISTINCT ON (end_to_end_id) end_to_end_id, result FROM outcome
      WHERE result <> 'open' AND end_to_end_id IN (
        SELECT end_to_end_id FROM outcome
        WHERE result <> 'open' AND known_at >= ${new Date(knownFromMs)} AND end_to_end_id > ${after})
      ORDER BY end_to_end_id, ${sql.raw(LABEL_FIRST)}) verdict
    LEFT JOIN (
      SELECT DISTINCT ON (end_to_end_id) end_to_end_id, fraud FROM window_label
      WHERE feature_set_hash = ${featureSetHash} AND end_to_end_id > ${after}
      ORDER BY end_to_end_id, arrived_us DESC, id DESC) told USING (end_to_end_id)
    WHERE told.fraud IS DISTINCT FROM (verdict.result = 'agreed')
    ORDER BY verdict.end_to_end_id LIMIT ${limit}`.execute(database);
  return rows.map(({ end_to_end_id }) => end_to_end_id);
}
