import type { Pool } from 'pg';

/** Who read what is behind a decision, for the data subject. */
export interface SubjectReviewAccess {
  endToEndId: string;
  at: string;
  by: string;
  /** Name of the API key. */
  caller: string;
  lang: 'pt' | 'en';
}

export async function recordSubjectReviewAccess(pool: Pool, access: SubjectReviewAccess): Promise<void> {
  const { endToEndId, at, by, caller, lang } = access;
  await pool.query(
    'INSERT INTO subject_review_access (end_to_end_id, at, by, caller, lang) VALUES ($1, $2, $3, $4, $5)',
    [endToEndId, at, by, caller, lang],
  );
}

/** Newest first. */
export async function subjectReviewAccesses(
  pool: Pool,
  endToEndId: string,
  limit: number,
): Promise<SubjectReviewAccess[]> {
  const { rows } = await pool.query<Omit<SubjectReviewAccess, 'at' | 'endToEndId'> & { at: Date }>(
    'SELECT at, by, caller, lang FROM subject_review_access WHERE end_to_end_id = $1 ORDER BY id DESC LIMIT $2',
    [endToEndId, limit],
  );
  return rows.map(({ at, ...rest }) => ({ endToEndId, at: at.toISOString(), ...rest }));
}
