import { Fault, type CaseAssignment, type CaseHoldEnd, type CaseNote, type CaseVerdict } from '@vigia/contracts';
import type { PoolClient } from 'pg';
import type { CasePaymentRow, CaseRow } from './case-row.js';
import { addCaseEvents, refreshCases, type CaseActor, type NewCaseEvent } from './case-transaction.js';
import { insertOutcome } from './outcomes.js';

/** @throws {Fault} `case_taken`, `case_closed`, `not_found` */
export async function assignCase(
  client: PoolClient,
  id: string,
  { assignee, from }: Pick<CaseAssignment, 'assignee' | 'from'>,
  actor: CaseActor,
): Promise<void> {
  const row = await caseOf(client, id);
  if (row.closed_at) throw new Fault('case_closed', { detail: `Case ${id} is closed: nobody works on it any more.` });
  if (row.assignee === assignee) return;
  if (row.assignee !== null && row.assignee !== actor.by && row.assignee !== from) throw taken(row);
  await client.query('UPDATE fraud_case SET assignee = $2, assigned_at = $3 WHERE id = $1', [
    id,
    assignee,
    assignee === null ? null : new Date(actor.atMs),
  ]);
  const event = { caseId: id, kind: 'assigned' as const, before: { assignee: row.assignee }, after: { assignee } };
  await addCaseEvents(client, [event], actor);
}

/** @throws {Fault} `not_found` */
export async function noteCase(
  client: PoolClient,
  id: string,
  text: CaseNote['text'],
  actor: CaseActor,
): Promise<void> {
  await caseOf(client, id);
  await addCaseEvents(client, [noted(id, text)], actor);
}

/**
 * Says what payments of a case are: each becomes an outcome of the source `analyst` in the same transaction, and its
 * hold, where one runs, is cancelled or released. Said of a payment before, the later word counts.
 * @returns how many holds that ended
 * @throws {Fault} `case_taken`, `case_closed` where no payment waits and none is named, `not_found`
 */
export async function judgeCase(
  client: PoolClient,
  id: string,
  said: Omit<CaseVerdict, 'by'>,
  actor: CaseActor,
): Promise<number> {
  const row = await ownCase(client, id, actor);
  const payments = await paymentsOf(client, row, said.payments, (each) => each.verdict === null);
  if (payments.length === 0) {
    throw new Fault('case_closed', {
      detail: `Every payment of case ${id} has its verdict; name in \`payments\` what is to be said again.`,
    });
  }
  const after = {
    verdict: said.verdict,
    situation: said.situation ?? null,
    fraudMarker: said.fraudMarker ?? null,
  };
  const ids = payments.map((each) => each.end_to_end_id);
  await client.query(
    `UPDATE case_payment SET verdict = $2, situation = $3, fraud_marker = $4, verdict_at = $5
     WHERE end_to_end_id = ANY ($1)`,
    [ids, after.verdict, after.situation, after.fraudMarker, new Date(actor.atMs)],
  );
  for (const payment of payments) {
    const knownAtMs = Math.max(actor.atMs, payment.accepted_at.getTime());
    await insertOutcome(
      client,
      {
        endToEndId: payment.end_to_end_id,
        source: 'analyst',
        result: said.verdict === 'fraud' ? 'agreed' : 'disagreed',
        situation: said.situation ?? 'unknown',
        ...(said.fraudMarker && { fraudMarker: said.fraudMarker }),
        knownAt: new Date(knownAtMs).toISOString(),
      },
      { caller: `${actor.caller}:${actor.by}`, recordedAtMs: actor.atMs },
    );
  }
  const events = payments.map((payment): NewCaseEvent => {
    const before = { verdict: payment.verdict, situation: payment.situation, fraudMarker: payment.fraud_marker };
    return { caseId: id, kind: 'verdict', endToEndId: payment.end_to_end_id, before, after };
  });
  await addCaseEvents(client, said.note === undefined ? events : [...events, noted(id, said.note)], actor);
  const held = payments.filter(isHeld);
  await endHolds(client, held, said.verdict === 'fraud' ? 'cancelled' : 'released', actor);
  await refreshCases(client, [id], actor);
  return held.length;
}

/**
 * Ends holds that run, without a verdict: the payer confirmed the payment, or wants it no more. Answers how many.
 * @throws {Fault} `case_taken`, `hold_over` where none runs, `not_found`
 */
export async function endCaseHolds(
  client: PoolClient,
  id: string,
  { end, payments, note }: Omit<CaseHoldEnd, 'by'>,
  actor: CaseActor,
): Promise<number> {
  const row = await ownCase(client, id, actor);
  const held = await paymentsOf(client, row, payments, isHeld);
  const over = held.filter((payment) => !isHeld(payment) || payment.hold_until!.getTime() <= actor.atMs);
  if (held.length === 0 || over.length > 0) {
    throw new Fault('hold_over', {
      detail: over[0]
        ? `The hold of ${over[0].end_to_end_id} is over, or there was none.`
        : `No hold of case ${id} runs.`,
    });
  }
  await endHolds(client, held, end, actor);
  if (note !== undefined) await addCaseEvents(client, [noted(id, note)], actor);
  await refreshCases(client, [id], actor);
  return held.length;
}

/** Holds of which nobody said anything until their end, at most `limit`. Answers how many. */
export async function endHoldsThatRanOut(
  client: PoolClient,
  { end, limit }: { end: 'released' | 'cancelled' | 'ran_out'; limit: number },
  actor: CaseActor,
): Promise<number> {
  const { rows } = await client.query<CasePaymentRow>(
    `SELECT * FROM case_payment WHERE hold_until <= $1 AND hold_until IS NOT NULL AND hold_end IS NULL
     ORDER BY hold_until LIMIT $2`,
    [new Date(actor.atMs), limit],
  );
  if (rows.length === 0) return 0;
  await endHolds(client, rows, end, actor);
  await refreshCases(client, [...new Set(rows.map((row) => row.case_id))], actor);
  return rows.length;
}

async function endHolds(
  client: PoolClient,
  held: CasePaymentRow[],
  end: 'released' | 'cancelled' | 'ran_out',
  actor: CaseActor,
): Promise<void> {
  if (held.length === 0) return;
  await client.query('UPDATE case_payment SET hold_end = $2, hold_ended_at = $3 WHERE end_to_end_id = ANY ($1)', [
    held.map((payment) => payment.end_to_end_id),
    end,
    new Date(actor.atMs),
  ]);
  const events = held.map((payment): NewCaseEvent => {
    const before = { until: payment.hold_until };
    return { caseId: payment.case_id, kind: 'hold_ended', endToEndId: payment.end_to_end_id, before, after: { end } };
  });
  await addCaseEvents(client, events, actor);
}

const isHeld = (payment: CasePaymentRow): boolean => payment.hold_until !== null && payment.hold_end === null;

const noted = (caseId: string, text: string): NewCaseEvent => ({ caseId, kind: 'noted', before: {}, after: { text } });

async function caseOf(client: PoolClient, id: string): Promise<CaseRow> {
  const { rows } = await client.query<CaseRow>('SELECT * FROM fraud_case WHERE id = $1', [id]);
  if (!rows[0]) throw new Fault('not_found', { detail: `There is no case ${id}.` });
  return rows[0];
}

/** Nobody's, or the actor's. */
async function ownCase(client: PoolClient, id: string, actor: CaseActor): Promise<CaseRow> {
  const row = await caseOf(client, id);
  if (row.assignee !== null && row.assignee !== actor.by) throw taken(row);
  return row;
}

function taken(row: CaseRow): Fault {
  return new Fault('case_taken', {
    detail: `${row.assignee} works on case ${row.id}. Take it over with an assignment that names \`from\`.`,
  });
}

/** Those that are named, all of this case; else those that fit. */
async function paymentsOf(
  client: PoolClient,
  { id }: CaseRow,
  named: string[] | undefined,
  fits: (payment: CasePaymentRow) => boolean,
): Promise<CasePaymentRow[]> {
  const { rows } = await client.query<CasePaymentRow>(
    'SELECT * FROM case_payment WHERE case_id = $1 ORDER BY accepted_at, end_to_end_id',
    [id],
  );
  if (named === undefined) return rows.filter(fits);
  const known = new Map(rows.map((row) => [row.end_to_end_id, row]));
  const strangers = named.filter((each) => !known.has(each));
  if (strangers.length > 0) {
    throw new Fault('not_found', {
      detail: `Case ${id} has no payment ${strangers[0]}.`,
      errors: strangers.map((each) => ({ field: 'payments', message: `${each} is not of this case` })),
    });
  }
  return [...new Set(named)].map((each) => known.get(each)!);
}
