import type { Pool } from 'pg';
import { dayName, epochDayInside } from './day.js';
import { LABEL_FIRST } from './label-order.js';

export interface ShadowComparisonRange {
  model: string;
  /** Bundle versions, as assessments name them. */
  champion: string;
  challenger: string;
  /** Of the moments at which the one that did not decide scored, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** Newest payments that are read. */
  limit: number;
}

/** A payment that one of two versions decided and the other scored in shadow: both probabilities. */
export interface ComparedPayment {
  endToEndId: string;
  champion: number;
  challenger: number;
  /** By its label, see `labelOf`; null where there is none. */
  fraud: boolean | null;
}

export interface ShadowComparison {
  payments: ComparedPayment[];
  /** Whether there were more than `limit`. */
  truncated: boolean;
}

/** Ids that one question names: assessments are found by id and day, so that only their partitions are looked into. */
const CHUNK = 5_000;

interface ShadowRow {
  end_to_end_id: string;
  bundle_version: string;
  probability: number;
}

interface DecidedRow {
  end_to_end_id: string;
  model_version: string;
  probability: number;
  verdict: string | null;
}

/** Payments decided by either version and scored by the other, those scored last first. */
export async function shadowComparison(pool: Pool, range: ShadowComparisonRange): Promise<ShadowComparison> {
  const { model, champion, challenger, fromMs, toMs, limit } = range;
  const { rows } = await pool.query<ShadowRow>(
    `SELECT end_to_end_id, bundle_version, probability FROM shadow_score
     WHERE model = $1 AND bundle_version IN ($2, $3) AND scored_at >= $4 AND scored_at < $5
     ORDER BY scored_at DESC, end_to_end_id DESC LIMIT $6`,
    [model, champion, challenger, new Date(fromMs), new Date(toMs), limit + 1],
  );
  const payments: ComparedPayment[] = [];
  const scored = rows.slice(0, limit);
  for (let at = 0; at < scored.length; at += CHUNK) {
    const chunk = scored.slice(at, at + CHUNK);
    const decided = await decidedBy(pool, range, chunk);
    for (const shadow of chunk) {
      const row = decided.get(shadow.end_to_end_id);
      // Scored by the version that decided, too: there is nothing to compare.
      if (!row || row.model_version === shadow.bundle_version) continue;
      const byChampion = row.model_version === champion;
      payments.push({
        endToEndId: row.end_to_end_id,
        champion: byChampion ? row.probability : shadow.probability,
        challenger: byChampion ? shadow.probability : row.probability,
        fraud: row.verdict === null ? null : row.verdict === 'agreed',
      });
    }
  }
  return { payments, truncated: rows.length > limit };
}

async function decidedBy(
  pool: Pool,
  { model, champion, challenger }: ShadowComparisonRange,
  chunk: ShadowRow[],
): Promise<Map<string, DecidedRow>> {
  const ids = chunk.map(({ end_to_end_id }) => end_to_end_id);
  const days = ids.map(epochDayInside);
  // Where the digits of an id are no date, its day is not known: then all partitions are looked into.
  const known = days.every((day) => day !== undefined) ? [...new Set(days)].map(dayName) : null;
  const { rows } = await pool.query<DecidedRow>(
    `SELECT a.end_to_end_id, a.model_version, a.probability,
       (SELECT result FROM outcome o WHERE o.end_to_end_id = a.end_to_end_id AND result <> 'open'
        ORDER BY ${LABEL_FIRST} LIMIT 1) AS verdict
     FROM assessment a
     WHERE a.end_to_end_id = ANY($1) AND a.model_name = $2 AND a.model_version IN ($3, $4)
       AND a.probability IS NOT NULL ${known === null ? '' : 'AND a.day = ANY($5::date[])'}`,
    [ids, model, champion, challenger, ...(known === null ? [] : [known])],
  );
  return new Map(rows.map((row) => [row.end_to_end_id, row]));
}
