import { Fault, type CaseQuestion } from '@vigia/contracts';
import type { Pool } from 'pg';
import {
  casePaymentOf,
  summaryOf,
  type CaseEvent,
  type CasePayment,
  type CasePaymentRow,
  type CaseRow,
  type CaseSummary,
} from './case-row.js';

export interface CasePage {
  cases: CaseSummary[];
  /** Pass it as `after` for the next page; absent on the last. */
  next?: string;
}

export interface CaseDetail extends CaseSummary {
  items: CasePayment[];
  /** Newest first, at most as many as were asked for. */
  events: CaseEvent[];
}

/** What waits, for gauges. */
export interface CaseCounts {
  /** Open cases by whether somebody works on them. */
  assigned: number;
  unassigned: number;
  expectedLossCents: number;
  /** When the first running hold ends; null where none runs. */
  dueAtMs: number | null;
}

/** What each order is by; the number of the case decides between equals. */
const SORTS: Record<CaseQuestion['sort'], { key: string; type: string; ascending: boolean }> = {
  loss: { key: 'expected_loss_cents', type: 'bigint', ascending: false },
  due: { key: "coalesce(due_at, 'infinity')", type: 'timestamptz', ascending: true },
  opened: { key: 'opened_at', type: 'timestamptz', ascending: true },
};

/** @throws {Fault} `invalid_request` when `after` is no cursor of this order */
export async function casePage(pool: Pool, question: CaseQuestion): Promise<CasePage> {
  const { key, type, ascending } = SORTS[question.sort];
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [`closed_at IS ${question.state === 'open' ? '' : 'NOT '}NULL`];
  if (question.assignee !== undefined) conditions.push(`assignee = ${parameter(question.assignee)}`);
  if (question.unassigned !== undefined) conditions.push(`(assignee IS NULL) = ${parameter(question.unassigned)}`);
  if (question.dueBefore !== undefined) conditions.push(`due_at < ${parameter(question.dueBefore)}`);
  for (const role of ['payer', 'payee'] as const) {
    const person = question[role];
    if (person === undefined) continue;
    conditions.push(
      `EXISTS (SELECT FROM case_payment p WHERE p.case_id = fraud_case.id AND p.${role} = ${parameter(person)})`,
    );
  }
  if (question.after !== undefined) {
    const [value, id] = cursorIn(question.after, question.sort);
    const [at, number] = [`${parameter(value)}::${type}`, `${parameter(id)}::bigint`];
    conditions.push(
      ascending ? `(${key}, id) > (${at}, ${number})` : `(${key} < ${at} OR ${key} = ${at} AND id > ${number})`,
    );
  }
  const { rows } = await pool.query<CaseRow & { place: string }>(
    `SELECT *, (${key})::text AS place FROM fraud_case WHERE ${conditions.join(' AND ')}
     ORDER BY ${key} ${ascending ? 'ASC' : 'DESC'}, id LIMIT ${parameter(question.limit + 1)}`,
    values,
  );
  const found = rows.slice(0, question.limit);
  const last = found.at(-1);
  const cases = found.map(summaryOf);
  return rows.length > question.limit && last
    ? { cases, next: Buffer.from(JSON.stringify([question.sort, last.place, last.id])).toString('base64url') }
    : { cases };
}

/** @throws {Fault} `not_found` */
export async function caseDetail(pool: Pool, id: string, events: number): Promise<CaseDetail> {
  const { rows } = await pool.query<CaseRow>('SELECT * FROM fraud_case WHERE id = $1', [id]);
  if (!rows[0]) throw new Fault('not_found', { detail: `There is no case ${id}.` });
  const items = await pool.query<CasePaymentRow>(
    'SELECT * FROM case_payment WHERE case_id = $1 ORDER BY accepted_at, end_to_end_id',
    [id],
  );
  return { ...summaryOf(rows[0]), items: items.rows.map(casePaymentOf), events: await eventsOf(pool, id, events) };
}

/** A payment with its case. */
export interface CaseOfPayment {
  case: CaseSummary;
  payment: CasePayment;
  /** Whether a person judged it, or ended its hold. */
  hasPersonActed: boolean;
}

/** Null where it has no case. */
export async function caseOfPayment(pool: Pool, endToEndId: string): Promise<CaseOfPayment | null> {
  const { rows } = await pool.query<CasePaymentRow>('SELECT * FROM case_payment WHERE end_to_end_id = $1', [
    endToEndId,
  ]);
  if (!rows[0]) return null;
  const { rows: cases } = await pool.query<CaseRow & { acted: boolean }>(
    `SELECT *, EXISTS (SELECT FROM case_event e WHERE e.case_id = c.id AND e.end_to_end_id = $2 AND e.caller <> ''
       AND e.kind IN ('verdict', 'hold_ended')) AS acted FROM fraud_case c WHERE id = $1`,
    [rows[0].case_id, endToEndId],
  );
  const found = cases[0]!;
  return { case: summaryOf(found), payment: casePaymentOf(rows[0]), hasPersonActed: found.acted };
}

/** Holds that ended, in the order in which they did, behind the event `after`. */
export async function endedHolds(pool: Pool, after: string, limit: number): Promise<CaseEvent[]> {
  const { rows } = await pool.query<EventRow>(
    "SELECT * FROM case_event WHERE kind = 'hold_ended' AND id > $1 ORDER BY id LIMIT $2",
    [after, limit],
  );
  return rows.map(eventOf);
}

export async function caseCounts(pool: Pool): Promise<CaseCounts> {
  const { rows } = await pool.query<{ assigned: string; unassigned: string; loss: string | null; due: Date | null }>(
    `SELECT count(assignee) AS assigned, count(*) - count(assignee) AS unassigned, sum(expected_loss_cents) AS loss,
       min(due_at) AS due FROM fraud_case WHERE closed_at IS NULL`,
  );
  const { assigned, unassigned, loss, due } = rows[0]!;
  return {
    assigned: Number(assigned),
    unassigned: Number(unassigned),
    expectedLossCents: Number(loss ?? 0),
    dueAtMs: due?.getTime() ?? null,
  };
}

interface EventRow {
  id: string;
  case_id: string;
  at: Date;
  kind: CaseEvent['kind'];
  by: string;
  caller: string;
  end_to_end_id: string | null;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

async function eventsOf(pool: Pool, id: string, limit: number): Promise<CaseEvent[]> {
  const { rows } = await pool.query<EventRow>('SELECT * FROM case_event WHERE case_id = $1 ORDER BY id DESC LIMIT $2', [
    id,
    limit,
  ]);
  return rows.map(eventOf);
}

function eventOf(row: EventRow): CaseEvent {
  return {
    id: row.id,
    caseId: row.case_id,
    at: row.at.toISOString(),
    kind: row.kind,
    by: row.by,
    caller: row.caller,
    endToEndId: row.end_to_end_id,
    before: row.before,
    after: row.after,
  };
}

/** Where the page before ended: value of the order and number of the case. */
function cursorIn(text: string, sort: CaseQuestion['sort']): [string, string] {
  try {
    const [of, place, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const fits = SORTS[sort].type === 'bigint' ? /^[0-9]+$/ : /^(infinity|[0-9]{4}-[0-9 :.+-]+)$/;
    if (of === sort && typeof place === 'string' && fits.test(place) && typeof id === 'string' && /^[0-9]+$/.test(id)) {
      return [place, id];
    }
  } catch {
    // Said below.
  }
  throw new Fault('invalid_request', {
    detail: 'this is no cursor of a page before in this order',
    errors: [{ field: 'after', message: 'pass `next` of the page before as it is, with the same `sort`' }],
  });
}
