import type { Action, PseudonymousPayment } from '@vigia/contracts';
import type { Pool, PoolClient } from 'pg';
import { addCaseEvents, changingCases, refreshCases, type CaseActor, type NewCaseEvent } from './case-transaction.js';

/** Payments that one step opens cases for. */
const BATCH = 200;
/** Payments of a case; what comes beyond opens another, so that a large merchant's case stays readable. */
export const MAX_CASE_PAYMENTS = 100;
/** Of a payment that no model scored, half the amount counts. */
const UNSCORED_PROBABILITY = 0.5;

/** What one step did. `read` is less than the batch where nothing waits any more. */
export interface InboxStep {
  read: number;
  payments: number;
  opened: number;
  isDone: boolean;
}

interface InboxRow {
  end_to_end_id: string;
  accepted_at: Date;
  payment: PseudonymousPayment;
  probability: number | null;
  action: Action;
}

interface Placed extends InboxRow {
  caseId: string;
  expectedLossCents: number;
}

/**
 * Takes payments to review from the inbox and opens cases for them, all or nothing: a payment joins the open case of its
 * payer, else that of its payee, else a new one. One that has a case already changes nothing.
 */
export function openCases(pool: Pool, atMs: number): Promise<InboxStep> {
  return changingCases(pool, async (client) => {
    const { read, rows } = await take(client);
    const actor: CaseActor = { by: 'vigia', caller: '', atMs };
    const places = new Places(client, atMs);
    await places.load(rows);
    const placed: Placed[] = [];
    for (const row of rows) {
      const { amountCents } = row.payment;
      const expectedLossCents = Math.round(amountCents * (row.probability ?? UNSCORED_PROBABILITY));
      placed.push({ ...row, caseId: await places.of(row.payment), expectedLossCents });
    }
    await insert(client, placed);
    await places.save();
    const seen = new Set<string>();
    const events = placed.map(({ caseId, end_to_end_id, expectedLossCents }): NewCaseEvent => {
      const kind = places.opened.has(caseId) && !seen.has(caseId) ? 'opened' : 'payment_added';
      seen.add(caseId);
      return { caseId, kind, endToEndId: end_to_end_id, before: {}, after: { expectedLossCents } };
    });
    await addCaseEvents(client, events, actor);
    await refreshCases(client, [...seen], actor);
    return { read, payments: placed.length, opened: places.opened.size, isDone: read < BATCH };
  });
}

/** Payments that wait for their case, and since when the first one does. */
export async function waitingForCases(pool: Pool): Promise<{ count: number; sinceMs: number | null }> {
  const { rows } = await pool.query<{ count: string; since: Date | null }>(
    'SELECT count(*) AS count, min(noted_at) AS since FROM case_inbox',
  );
  return { count: Number(rows[0]!.count), sinceMs: rows[0]!.since?.getTime() ?? null };
}

/** The day is named apart from the id, so that one partition is looked into for each. */
async function take(client: PoolClient): Promise<{ read: number; rows: InboxRow[] }> {
  const { rows: taken } = await client.query<{ id: string; end_to_end_id: string; day: string }>(
    `DELETE FROM case_inbox WHERE id IN (SELECT id FROM case_inbox ORDER BY id LIMIT ${BATCH})
     RETURNING id, end_to_end_id, day::text AS day`,
  );
  const { rows } = await client.query<InboxRow>(
    `SELECT end_to_end_id, accepted_at, payment, probability, action FROM assessment a
     WHERE end_to_end_id = ANY ($1) AND day = ANY ($2::date[])
       AND NOT EXISTS (SELECT FROM case_payment p WHERE p.end_to_end_id = a.end_to_end_id)`,
    [taken.map((each) => each.end_to_end_id), [...new Set(taken.map(({ day }) => day))]],
  );
  const order = new Map(taken.map((each) => [each.end_to_end_id, BigInt(each.id)]));
  rows.sort((a, b) => (order.get(a.end_to_end_id)! < order.get(b.end_to_end_id)! ? -1 : 1));
  return { read: taken.length, rows };
}

async function insert(client: PoolClient, placed: Placed[]): Promise<void> {
  const rows = placed.map((each) => ({
    id: each.end_to_end_id,
    case: each.caseId,
    accepted: each.accepted_at,
    payer: each.payment.payer.person,
    payee: each.payment.payee.person,
    amount: each.payment.amountCents,
    probability: each.probability,
    loss: each.expectedLossCents,
    until: 'until' in each.action ? each.action.until : null,
  }));
  await client.query(
    `INSERT INTO case_payment (end_to_end_id, case_id, accepted_at, payer, payee, amount_cents, probability,
       expected_loss_cents, hold_until)
     SELECT id, "case", accepted, payer, payee, amount, probability, loss, until FROM jsonb_to_recordset($1::jsonb)
       AS x (id text, "case" bigint, accepted timestamptz, payer text, payee text, amount bigint,
         probability double precision, loss bigint, until timestamptz)`,
    [JSON.stringify(rows)],
  );
}

/** The open cases of the persons of a batch. */
class Places {
  readonly opened = new Set<string>();
  private readonly cases = new Map<string, string>();
  private readonly sizes = new Map<string, number>();

  constructor(
    private readonly client: PoolClient,
    private readonly atMs: number,
  ) {}

  async load(rows: InboxRow[]): Promise<void> {
    const { rows: known } = await this.client.query<{
      role: string;
      person: string;
      case_id: string;
      payments: number;
    }>(
      `SELECT p.role, p.person, p.case_id, c.payments FROM case_party p JOIN fraud_case c ON c.id = p.case_id
       WHERE (p.role = 'payer' AND p.person = ANY ($1)) OR (p.role = 'payee' AND p.person = ANY ($2))`,
      [rows.map(({ payment }) => payment.payer.person), rows.map(({ payment }) => payment.payee.person)],
    );
    for (const { role, person, case_id, payments } of known) {
      this.cases.set(`${role} ${person}`, case_id);
      this.sizes.set(case_id, payments);
    }
  }

  async of({ payer, payee }: PseudonymousPayment): Promise<string> {
    const parties = [`payer ${payer.person}`, `payee ${payee.person}`];
    const joined = parties.map((party) => this.cases.get(party)).find((id) => id !== undefined && this.hasRoom(id));
    const caseId = joined ?? (await this.open());
    this.sizes.set(caseId, this.sizes.get(caseId)! + 1);
    for (const party of parties) {
      const own = this.cases.get(party);
      if (own === undefined || !this.hasRoom(own)) this.cases.set(party, caseId);
    }
    return caseId;
  }

  async save(): Promise<void> {
    const parties = [...this.cases].map(([party, caseId]) => {
      const [role, person] = party.split(' ');
      return { role, person, case: caseId };
    });
    await this.client.query(
      `INSERT INTO case_party (role, person, case_id)
       SELECT role, person, "case" FROM jsonb_to_recordset($1::jsonb) AS x (role text, person text, "case" bigint)
       ON CONFLICT (role, person) DO UPDATE SET case_id = excluded.case_id`,
      [JSON.stringify(parties)],
    );
  }

  private hasRoom(caseId: string): boolean {
    return this.sizes.get(caseId)! < MAX_CASE_PAYMENTS;
  }

  private async open(): Promise<string> {
    const { rows } = await this.client.query<{ id: string }>(
      'INSERT INTO fraud_case (opened_at) VALUES ($1) RETURNING id',
      [new Date(this.atMs)],
    );
    const { id } = rows[0]!;
    this.opened.add(id);
    this.sizes.set(id, 0);
    return id;
  }
}
