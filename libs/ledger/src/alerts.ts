import { Fault } from '@vigia/contracts';
import type { Pool, PoolClient } from 'pg';
import type { MonitoredRole } from './monitoring-windows.js';

export type AlertSeverity = 'warning' | 'critical';
export type NoticeEvent = 'opened' | 'escalated' | 'resolved';

/** A signal that is part of an alert, with the numbers of the window that was judged last. */
export interface AlertSignal {
  signal: string;
  value: number | null;
  reason: string | null;
}

export interface Alert {
  id: string;
  model: string;
  /** '' where it is of the service as a whole. */
  bundleVersion: string;
  role: MonitoredRole;
  kind: string;
  severity: AlertSeverity;
  signals: AlertSignal[];
  /** Windows that it has been open for. */
  windows: number;
  openedAt: string;
  /** End of the window in which it was seen last. */
  seenAt: string;
  resolvedAt: string | null;
  /** Until then nobody is told and nothing is asked for. */
  silence: { until: string; by: string; reason: string } | null;
}

export type AlertIdentity = Pick<Alert, 'model' | 'bundleVersion' | 'role' | 'kind'>;

export interface AlertChange {
  severity: AlertSeverity;
  signals: AlertSignal[];
  windows: number;
  /** End of the window, ms. */
  seenAtMs: number;
}

export interface AlertQuestion {
  model?: string;
  state?: 'open' | 'resolved';
  limit: number;
}

export interface Silence {
  untilMs: number;
  by: string;
  reason: string;
}

interface AlertRow {
  id: string;
  model: string;
  bundle_version: string;
  role: MonitoredRole;
  kind: string;
  severity: AlertSeverity;
  signals: AlertSignal[];
  windows: number;
  opened_at: Date;
  seen_at: Date;
  resolved_at: Date | null;
  silenced_until: Date | null;
  silenced_by: string | null;
  silence_reason: string | null;
}

/** Those that are open of a model's version, or of the service. */
export async function openAlerts(client: PoolClient, model: string, bundleVersion: string): Promise<Alert[]> {
  const { rows } = await client.query<AlertRow>(
    'SELECT * FROM alert WHERE model = $1 AND bundle_version = $2 AND resolved_at IS NULL FOR UPDATE',
    [model, bundleVersion],
  );
  return rows.map(alertOf);
}

export async function openAlert(client: PoolClient, identity: AlertIdentity, change: AlertChange): Promise<Alert> {
  const { model, bundleVersion, role, kind } = identity;
  const { severity, signals, windows, seenAtMs } = change;
  const { rows } = await client.query<AlertRow>(
    `INSERT INTO alert (model, bundle_version, role, kind, severity, signals, windows, opened_at, seen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING *`,
    [model, bundleVersion, role, kind, severity, JSON.stringify(signals), windows, new Date(seenAtMs)],
  );
  return alertOf(rows[0]!);
}

/** Its role is that of the version now. */
export async function updateAlert(
  client: PoolClient,
  { id, role }: Pick<Alert, 'id' | 'role'>,
  change: AlertChange,
): Promise<Alert> {
  const { severity, signals, windows, seenAtMs } = change;
  const { rows } = await client.query<AlertRow>(
    'UPDATE alert SET severity = $2, signals = $3, windows = $4, seen_at = $5, role = $6 WHERE id = $1 RETURNING *',
    [id, severity, JSON.stringify(signals), windows, new Date(seenAtMs), role],
  );
  return alertOf(rows[0]!);
}

export async function resolveAlert(client: PoolClient, id: string, atMs: number): Promise<Alert> {
  const { rows } = await client.query<AlertRow>('UPDATE alert SET resolved_at = $2 WHERE id = $1 RETURNING *', [
    id,
    new Date(atMs),
  ]);
  return alertOf(rows[0]!);
}

/** Newest first. */
export async function listAlerts(pool: Pool, { model, state, limit }: AlertQuestion): Promise<Alert[]> {
  const { rows } = await pool.query<AlertRow>(
    `SELECT * FROM alert WHERE ($1::text IS NULL OR model = $1)
       AND ($2::text IS NULL OR (resolved_at IS NULL) = ($2 = 'open'))
     ORDER BY opened_at DESC, id DESC LIMIT $3`,
    [model ?? null, state ?? null, limit],
  );
  return rows.map(alertOf);
}

/** @throws {Fault} `not_found` where no alert of this id is open */
export async function silenceAlert(pool: Pool, id: string, { untilMs, by, reason }: Silence): Promise<Alert> {
  const { rows } = await pool.query<AlertRow>(
    `UPDATE alert SET silenced_until = $2, silenced_by = $3, silence_reason = $4
     WHERE id = $1 AND resolved_at IS NULL RETURNING *`,
    [id, new Date(untilMs), by, reason],
  );
  if (rows[0]) return alertOf(rows[0]);
  throw new Fault('not_found', {
    detail: 'No alert of this id is open; GET /v1/alerts?state=open lists them.',
    errors: [{ field: 'id', message: 'is not an open alert' }],
  });
}

function alertOf(row: AlertRow): Alert {
  return {
    id: row.id,
    model: row.model,
    bundleVersion: row.bundle_version,
    role: row.role,
    kind: row.kind,
    severity: row.severity,
    signals: row.signals,
    windows: row.windows,
    openedAt: row.opened_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    silence:
      row.silenced_until === null
        ? null
        : { until: row.silenced_until.toISOString(), by: row.silenced_by ?? '', reason: row.silence_reason ?? '' },
  };
}
