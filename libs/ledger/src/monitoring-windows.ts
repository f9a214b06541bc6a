import type { Pool, PoolClient } from 'pg';

export const SIGNAL_STATES = ['ok', 'suspect', 'alarm', 'recovering', 'not_enough_data'] as const;
export type SignalState = (typeof SIGNAL_STATES)[number];

export type MonitoredRole = 'service' | 'champion' | 'challenger' | 'other';

/** What was concluded of one signal in one window. */
export interface SignalVerdict {
  signal: string;
  kind: string;
  state: SignalState;
  /** Whether the alarm is on; a window without enough data leaves it as it was. */
  alarmed: boolean;
  /** Windows in a row that speak for a change of `alarmed`. */
  streak: number;
  /** Whether later windows may be compared with this one. */
  good: boolean;
  /** What the verdict goes by; null where nothing could be measured. */
  value: number | null;
  numbers: Record<string, unknown>;
  /** What is lacking, or why it is as it is. */
  reason: string | null;
}

export interface MonitoringWindow<Counts = unknown> {
  model: string;
  /** '' for all payments of the service. */
  bundleVersion: string;
  role: MonitoredRole;
  fromMs: number;
  toMs: number;
  payments: number;
  counts: Counts;
  verdicts: SignalVerdict[];
}

export interface WindowQuestion {
  model: string;
  bundleVersion?: string;
  /** Windows that end after this moment ... */
  afterMs?: number;
  /** ... and not after this one. */
  untilMs: number;
  /** Newest windows that are read. */
  limit: number;
  /** Fields of their counts that are left out: those of features are large. */
  omit?: string[];
}

interface WindowRow {
  model: string;
  bundle_version: string;
  role: MonitoredRole;
  from_at: Date;
  to_at: Date;
  payments: string;
  counts: unknown;
  verdicts: SignalVerdict[];
}

/** False where the window is on record already: then nothing is added. */
export async function insertMonitoringWindow(client: PoolClient, window: MonitoringWindow): Promise<boolean> {
  const { model, bundleVersion, role, fromMs, toMs, payments, counts, verdicts } = window;
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO monitoring_window (model, bundle_version, role, from_at, to_at, payments, counts)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id`,
    [model, bundleVersion, role, new Date(fromMs), new Date(toMs), payments, JSON.stringify(counts)],
  );
  if (!rows[0]) return false;
  await client.query(
    `INSERT INTO monitoring_verdict (window_id, signal, kind, state, alarmed, streak, good, value, numbers, reason)
     SELECT $1, v.signal, v.kind, v.state, v.alarmed, v.streak, v.good, v.value, v.numbers, v.reason
     FROM jsonb_to_recordset($2) AS v (signal text, kind text, state text, alarmed boolean, streak int, good boolean,
       value double precision, numbers jsonb, reason text)`,
    [rows[0].id, JSON.stringify(verdicts)],
  );
  return true;
}

/** Newest first. */
export async function monitoringWindows(pool: Pool, question: WindowQuestion): Promise<MonitoringWindow[]> {
  const { model, bundleVersion, afterMs, untilMs, limit, omit = [] } = question;
  const { rows } = await pool.query<WindowRow>(
    `SELECT w.model, w.bundle_version, w.role, w.from_at, w.to_at, w.payments, w.counts - $6::text[] AS counts, (
       SELECT coalesce(json_agg(json_build_object('signal', v.signal, 'kind', v.kind, 'state', v.state, 'alarmed', v.alarmed,
         'streak', v.streak, 'good', v.good, 'value', v.value, 'numbers', v.numbers, 'reason', v.reason)
         ORDER BY v.signal), '[]')
       FROM monitoring_verdict v WHERE v.window_id = w.id) AS verdicts
     FROM monitoring_window w
     WHERE model = $1 AND ($2::text IS NULL OR bundle_version = $2) AND to_at <= $3
       AND ($4::timestamptz IS NULL OR to_at > $4)
     ORDER BY to_at DESC, id DESC LIMIT $5`,
    [model, bundleVersion ?? null, new Date(untilMs), afterMs === undefined ? null : new Date(afterMs), limit, omit],
  );
  return rows.map((row) => ({
    model: row.model,
    bundleVersion: row.bundle_version,
    role: row.role,
    fromMs: row.from_at.getTime(),
    toMs: row.to_at.getTime(),
    payments: Number(row.payments),
    counts: row.counts,
    verdicts: row.verdicts,
  }));
}

/** End of the newest window of a model that is whole; null where there is none. That of the service is its last part. */
export async function monitoredUntil(pool: Pool, model: string): Promise<number | null> {
  const { rows } = await pool.query<{ until: Date | null }>(
    "SELECT max(to_at) AS until FROM monitoring_window WHERE model = $1 AND bundle_version = ''",
    [model],
  );
  return rows[0]!.until?.getTime() ?? null;
}
