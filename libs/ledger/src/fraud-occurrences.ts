import type { Action, Decision, HoldEnd, Outcome, PseudonymousPayment, Side } from '@vigia/contracts';
import type { Pool } from 'pg';
import { dayName, epochDayInside } from './day.js';
import { LABEL_FIRST } from './label-order.js';

/**
 * `fraud`: labelled so, and nothing shows that it was stopped. `attempt`: labelled so and stopped. `suspected_attempt`:
 * stopped, and nobody said yet what it was. What is labelled genuine is none.
 */
export type OccurrenceKind = 'fraud' | 'attempt' | 'suspected_attempt';

export interface OccurrenceRange {
  /** Of the moments at which payments were accepted, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** Only what was known before this moment. */
  knownBeforeMs: number;
}

/** A fraud or an attempt, without a person: what Resolução BCB 142/2021 has an institution write down every day. */
export interface FraudOccurrence {
  endToEndId: string;
  acceptedAt: string;
  kind: OccurrenceKind;
  amountCents: number;
  side: Side;
  situation: Outcome['situation'] | null;
  channel: NonNullable<NonNullable<PseudonymousPayment['session']>['channel']> | null;
  initiationForm: PseudonymousPayment['initiationForm'];
  payerIspb: string;
  payeeIspb: string;
  /** What was done against it: decision, what it meant on the wire, how a hold ended. */
  decision: Decision;
  measure: Action['kind'];
  holdEnd: HoldEnd | null;
  /** Who labelled it, since when, and how the payee was marked. */
  labelSource: Outcome['source'] | null;
  labelKnownAt: string | null;
  fraudMarker: NonNullable<Outcome['fraudMarker']> | null;
}

/** Occurrences that have all of this in common. */
export interface OccurrenceGroup extends Pick<
  FraudOccurrence,
  'kind' | 'side' | 'situation' | 'channel' | 'initiationForm' | 'measure' | 'holdEnd'
> {
  count: number;
  amountCents: number;
}

/** Days that the date in an EndToEndId may lie from the day of acceptance; wider than any tolerance that makes sense. */
const DAYS_APART = 8;

const COLUMNS = `a.end_to_end_id, a.accepted_at, a.side, a.decision, a.action ->> 'kind' AS measure,
  (a.payment ->> 'amountCents')::bigint AS amount_cents, a.payment #>> '{session,channel}' AS channel,
  a.payment ->> 'initiationForm' AS initiation_form, a.payment #>> '{payer,ispb}' AS payer_ispb,
  a.payment #>> '{payee,ispb}' AS payee_ispb`;

const IN_RANGE = `a.accepted_at >= $1 AND a.accepted_at < $2
  AND a.day BETWEEN ($1::timestamptz)::date - ${DAYS_APART} AND ($2::timestamptz)::date + ${DAYS_APART}`;

/**
 * $1 to $3 are the range, $4 the approved payments that may be frauds, $5 their days (null: not known). What is not
 * approved comes by its own index.
 */
const OCCURRENCES = `WITH found AS (
    SELECT ${COLUMNS} FROM assessment a WHERE ${IN_RANGE} AND a.decision <> 'approve'
    UNION ALL
    SELECT ${COLUMNS} FROM assessment a WHERE ${IN_RANGE} AND a.decision = 'approve'
      AND a.end_to_end_id = ANY ($4) AND ($5::date[] IS NULL OR a.day = ANY ($5::date[]))),
  judged AS (
    SELECT f.*, l.result, l.source, l.situation, l.fraud_marker, l.known_at, p.hold_end,
      f.decision = 'reject' OR coalesce(p.hold_end = 'cancelled', false) AS stopped
    FROM found f
    LEFT JOIN LATERAL (SELECT result, source, situation, fraud_marker, known_at FROM outcome o
      WHERE o.end_to_end_id = f.end_to_end_id AND o.result <> 'open' AND o.known_at < $3
      ORDER BY ${LABEL_FIRST} LIMIT 1) l ON true
    LEFT JOIN case_payment p ON p.end_to_end_id = f.end_to_end_id),
  occurrence AS (
    SELECT *, CASE WHEN result = 'agreed' AND stopped THEN 'attempt' WHEN result = 'agreed' THEN 'fraud'
      ELSE 'suspected_attempt' END AS kind
    FROM judged WHERE result = 'agreed' OR (result IS NULL AND stopped))`;

/**
 * Payments that were once called frauds, by the date inside their id. One whose digits are no date may lie on any day;
 * an outcome is never known before its payment.
 */
const CALLED_FRAUD = `SELECT DISTINCT end_to_end_id FROM outcome
  WHERE result = 'agreed' AND known_at >= $1 AND known_at < $3
    AND (substr(end_to_end_id, 10, 8) BETWEEN to_char($1::timestamptz - interval '${DAYS_APART} days', 'YYYYMMDD')
        AND to_char($2::timestamptz + interval '${DAYS_APART} days', 'YYYYMMDD')
      OR substr(end_to_end_id, 10, 8) !~ '^[12][0-9]{3}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$')`;

/** $1 to $5 of {@link OCCURRENCES}. */
async function parametersOf(pool: Pool, { fromMs, toMs, knownBeforeMs }: OccurrenceRange): Promise<unknown[]> {
  const range = [new Date(fromMs), new Date(toMs), new Date(knownBeforeMs)];
  const { rows } = await pool.query<{ end_to_end_id: string }>(CALLED_FRAUD, range);
  const ids = rows.map(({ end_to_end_id }) => end_to_end_id);
  const days = ids.map(epochDayInside);
  const known = days.every((day) => day !== undefined) ? [...new Set(days)].map(dayName) : null;
  return [...range, ids, known];
}

interface OccurrenceRow {
  end_to_end_id: string;
  accepted_at: Date;
  kind: OccurrenceKind;
  amount_cents: string;
  side: Side;
  situation: FraudOccurrence['situation'];
  channel: FraudOccurrence['channel'];
  initiation_form: FraudOccurrence['initiationForm'];
  payer_ispb: string;
  payee_ispb: string;
  decision: Decision;
  measure: Action['kind'];
  hold_end: HoldEnd | null;
  source: FraudOccurrence['labelSource'];
  known_at: Date | null;
  fraud_marker: FraudOccurrence['fraudMarker'];
}

type GroupRow = Pick<
  OccurrenceRow,
  'kind' | 'side' | 'situation' | 'channel' | 'initiation_form' | 'measure' | 'hold_end' | 'amount_cents'
> & { count: string };

/** A page of them in the order of acceptance, behind `after`. */
export async function occurrencePage(
  pool: Pool,
  range: OccurrenceRange,
  limit: number,
  after: { acceptedAt: string; endToEndId: string } | null,
): Promise<FraudOccurrence[]> {
  const { rows } = await pool.query<OccurrenceRow>(
    `${OCCURRENCES} SELECT * FROM occurrence WHERE (accepted_at, end_to_end_id) > ($6, $7)
     ORDER BY accepted_at, end_to_end_id LIMIT $8`,
    [...(await parametersOf(pool, range)), after?.acceptedAt ?? '-infinity', after?.endToEndId ?? '', limit],
  );
  return rows.map((row) => ({
    endToEndId: row.end_to_end_id,
    acceptedAt: row.accepted_at.toISOString(),
    kind: row.kind,
    amountCents: Number(row.amount_cents),
    side: row.side,
    situation: row.situation,
    channel: row.channel,
    initiationForm: row.initiation_form,
    payerIspb: row.payer_ispb,
    payeeIspb: row.payee_ispb,
    decision: row.decision,
    measure: row.measure,
    holdEnd: row.hold_end,
    labelSource: row.source,
    labelKnownAt: row.known_at?.toISOString() ?? null,
    fraudMarker: row.fraud_marker,
  }));
}

/** How many there are of each kind, and what they amount to. */
export async function occurrenceGroups(pool: Pool, range: OccurrenceRange): Promise<OccurrenceGroup[]> {
  const by = 'kind, side, situation, channel, initiation_form, measure, hold_end';
  const { rows } = await pool.query<GroupRow>(
    `${OCCURRENCES} SELECT ${by}, count(*) AS count, sum(amount_cents) AS amount_cents FROM occurrence GROUP BY ${by}`,
    await parametersOf(pool, range),
  );
  return rows.map((row) => ({
    kind: row.kind,
    side: row.side,
    situation: row.situation,
    channel: row.channel,
    initiationForm: row.initiation_form,
    measure: row.measure,
    holdEnd: row.hold_end,
    count: Number(row.count),
    amountCents: Number(row.amount_cents),
  }));
}

/** Payments of the range by their decision. */
export async function decisionCounts(
  pool: Pool,
  { fromMs, toMs }: Pick<OccurrenceRange, 'fromMs' | 'toMs'>,
): Promise<Record<Decision, number>> {
  const { rows } = await pool.query<{ decision: Decision; count: string }>(
    `SELECT decision, count(*) AS count FROM assessment a WHERE ${IN_RANGE} GROUP BY decision`,
    [new Date(fromMs), new Date(toMs)],
  );
  const counts = { approve: 0, review: 0, reject: 0 };
  for (const { decision, count } of rows) counts[decision] = Number(count);
  return counts;
}

/** Results of MED reports that became known in the range, whenever their payments were. */
export async function medResults(
  pool: Pool,
  { fromMs, toMs }: Pick<OccurrenceRange, 'fromMs' | 'toMs'>,
): Promise<Record<Outcome['result'], number>> {
  const { rows } = await pool.query<{ result: Outcome['result']; count: string }>(
    `SELECT result, count(DISTINCT (end_to_end_id, report_id)) AS count FROM outcome
     WHERE source = 'med' AND known_at >= $1 AND known_at < $2 GROUP BY result`,
    [new Date(fromMs), new Date(toMs)],
  );
  const counts = { open: 0, agreed: 0, disagreed: 0 };
  for (const { result, count } of rows) counts[result] = Number(count);
  return counts;
}
