import type { Pool, PoolClient } from 'pg';
import type { NoticeEvent } from './alerts.js';

/** Ways in which people are told of alerts; each has its own notices, so that one that is away delays no other. */
export const NOTICE_CHANNELS = ['webhook', 'email'] as const;
export type NoticeChannel = (typeof NOTICE_CHANNELS)[number];

/** Something that a channel is to be told. */
export interface AlertNotice {
  id: string;
  event: NoticeEvent;
  body: Record<string, unknown>;
  /** Attempts so far, the one that is now made included. */
  attempts: number;
}

export async function addNotice(
  client: PoolClient,
  notice: { alertId: string; event: NoticeEvent; channel: NoticeChannel; body: object },
): Promise<void> {
  await client.query('INSERT INTO alert_notice (alert_id, event, channel, body) VALUES ($1, $2, $3, $4)', [
    notice.alertId,
    notice.event,
    notice.channel,
    JSON.stringify(notice.body),
  ]);
}

/** Takes the oldest notice of a channel that is due: for `leaseMs` nobody else gets it. Null where none is. */
export async function takeNotice(pool: Pool, channel: NoticeChannel, leaseMs: number): Promise<AlertNotice | null> {
  const { rows } = await pool.query<AlertNotice>(
    `UPDATE alert_notice SET attempts = attempts + 1, next_at = now() + $1 * interval '1 millisecond'
     WHERE id = (SELECT id FROM alert_notice WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= now()
       AND channel = $2
       ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, event, body, attempts`,
    [leaseMs, channel],
  );
  return rows[0] ?? null;
}

/** What became of an attempt: sent, to be tried again after some time, or given up. */
export type NoticeEnd = { kind: 'sent' } | { kind: 'again'; afterMs: number } | { kind: 'given_up' };

export async function endNotice(pool: Pool, id: string, end: NoticeEnd): Promise<void> {
  await pool.query(
    `UPDATE alert_notice SET sent_at = CASE WHEN $2 = 'sent' THEN now() END,
       given_up_at = CASE WHEN $2 = 'given_up' THEN now() END,
       next_at = now() + $3 * interval '1 millisecond'
     WHERE id = $1`,
    [id, end.kind, end.kind === 'again' ? end.afterMs : 0],
  );
}

/** Notices that wait, by channel. */
export async function pendingNotices(pool: Pool): Promise<Record<NoticeChannel, number>> {
  const { rows } = await pool.query<{ channel: NoticeChannel; count: string }>(
    `SELECT channel, count(*) AS count FROM alert_notice WHERE sent_at IS NULL AND given_up_at IS NULL GROUP BY channel`,
  );
  const pending = Object.fromEntries(NOTICE_CHANNELS.map((channel) => [channel, 0])) as Record<NoticeChannel, number>;
  for (const { channel, count } of rows) pending[channel] = Number(count);
  return pending;
}
