import { Fault, type Decision, type Side } from '@vigia/contracts';
import { sql, type Kysely, type Selectable } from 'kysely';
import type { AssessmentRow } from './assessment-row.js';
import { dayName, epochDayInside } from './day.js';
import type { AssessmentTable, Database } from './database.js';

/** What an auditor asks for: assessments accepted in [fromMs, toMs), newest first. */
export interface AssessmentFilter {
  fromMs: number;
  toMs: number;
  decision?: Decision;
  side?: Side;
  /** Rows on a page. */
  limit: number;
  /** `next` of the page before. */
  after?: string;
}

export interface AssessmentPage {
  rows: AssessmentRow[];
  /** Pass it as `after` for the next page; absent on the last. */
  next?: string;
}

/** The assessments that exist of these ids, in no order. */
export async function assessmentsById(database: Kysely<Database>, endToEndIds: string[]): Promise<AssessmentRow[]> {
  if (endToEndIds.length === 0) return [];
  const days = endToEndIds.map(epochDayInside);
  let query = database
    .selectFrom('assessment')
    .selectAll()
    .where('end_to_end_id', '=', sql<string>`any(${endToEndIds})`);
  if (days.every((day) => day !== undefined)) {
    // Only the partitions of these days are looked into.
    const names = [...new Set(days)].map(dayName);
    query = query.where(sql<boolean>`day = any(${names}::date[])`);
  }
  return (await query.execute()).map(toRow);
}

export async function assessmentPage(database: Kysely<Database>, filter: AssessmentFilter): Promise<AssessmentPage> {
  let query = database
    .selectFrom('assessment')
    .selectAll()
    .where('accepted_at', '>=', new Date(filter.fromMs))
    .where('accepted_at', '<', new Date(filter.toMs))
    .orderBy('accepted_at', 'desc')
    .orderBy('end_to_end_id', 'desc')
    .limit(filter.limit + 1);
  if (filter.decision) query = query.where('decision', '=', filter.decision);
  // Said again as the partial index says it, or the planner does not see that it fits.
  if (filter.decision && filter.decision !== 'approve') query = query.where(sql<boolean>`decision <> 'approve'`);
  if (filter.side) query = query.where('side', '=', filter.side);
  if (filter.after !== undefined) {
    const { acceptedAtMs, endToEndId } = readCursor(filter.after);
    query = query.where(sql<boolean>`(accepted_at, end_to_end_id) < (${new Date(acceptedAtMs)}, ${endToEndId})`);
  }
  const found = (await query.execute()).map(toRow);
  const rows = found.slice(0, filter.limit);
  const last = rows.at(-1);
  return found.length > filter.limit && last ? { rows, next: cursor(last) } : { rows };
}

function cursor(row: AssessmentRow): string {
  return Buffer.from(`${row.acceptedAtMs} ${row.endToEndId}`).toString('base64url');
}

function readCursor(text: string): { acceptedAtMs: number; endToEndId: string } {
  const match = /^([0-9]{1,15}) ([0-9A-Za-z]{1,64})$/.exec(Buffer.from(text, 'base64url').toString());
  if (!match) {
    throw new Fault('invalid_request', {
      detail: 'this is no cursor of a page before',
      errors: [{ field: 'after', message: 'pass `next` of the page before as it is' }],
    });
  }
  return { acceptedAtMs: Number(match[1]), endToEndId: match[2]! };
}

function toRow(row: Selectable<AssessmentTable>): AssessmentRow {
  return {
    endToEndId: row.end_to_end_id,
    side: row.side,
    acceptedAtMs: row.accepted_at.getTime(),
    decidedAtMs: row.decided_at.getTime(),
    arrivedUs: Number(row.arrived_us),
    caller: row.caller,
    contentSha256: row.content_sha256,
    payment: row.payment,
    vector: toVector(row.vector),
    effective: row.effective,
    probability: row.probability,
    margin: row.margin,
    decision: row.decision,
    action: row.action,
    reasons: row.reasons,
    rules: row.rules,
    warnings: row.warnings,
    degraded: row.degraded,
    model: row.model_name === null ? null : { name: row.model_name, version: row.model_version ?? '' },
    policy: { name: row.policy_name, version: row.policy_version },
    featureSet: { name: row.feature_set, hash: row.feature_set_hash },
    timingsUs: row.timings_us,
  };
}

/** A copy of its own: the bytes lie anywhere within the driver's buffer, and float32 wants a multiple of four. */
export function toVector(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
