import type { Pool, PoolClient } from 'pg';
import {
  addNotice,
  endNotice,
  pendingNotices,
  takeNotice,
  type AlertNotice,
  type NoticeChannel,
  type NoticeEnd,
} from './alert-notices.js';
import {
  listAlerts,
  openAlert,
  openAlerts,
  resolveAlert,
  silenceAlert,
  updateAlert,
  type Alert,
  type AlertChange,
  type AlertQuestion,
  type NoticeEvent,
  type Silence,
} from './alerts.js';
import { readMonitoredPayments, type MonitoredPayment, type MonitoredRange } from './monitored-payments.js';
import {
  actionsOf,
  claimAction,
  endAction,
  openActions,
  type ActionLimits,
  type MonitoringAction,
} from './monitoring-actions.js';
import {
  insertMonitoringWindow,
  monitoredUntil,
  monitoringWindows,
  type MonitoringWindow,
  type WindowQuestion,
} from './monitoring-windows.js';
import { asking } from './outage.js';
import { judgedPayments, type JudgedPayment, type VerdictRange } from './verdicts.js';

/** What a window does to the alerts of its version. */
export type AlertStep =
  | { step: 'open'; kind: string; change: AlertChange }
  | { step: 'update'; alert: Alert; change: AlertChange }
  | { step: 'resolve'; alert: Alert };

/** What monitoring reads of the ledger, and its own record: windows, alerts, notices, what it asked for. */
export class MonitoringRecord {
  constructor(
    private readonly url: string,
    private readonly pool: Pool,
  ) {}

  /** Of any length, in little memory, see `readMonitoredPayments` in monitored-payments.ts. */
  payments(range: MonitoredRange): AsyncGenerator<MonitoredPayment[], void, undefined> {
    return readMonitoredPayments(this.url, range);
  }

  /** Payments of a range of which somebody said what they were, newest first. */
  judged(range: VerdictRange): Promise<JudgedPayment[]> {
    return asking(() => judgedPayments(this.pool, range));
  }

  /** Newest first. */
  windows(question: WindowQuestion): Promise<MonitoringWindow[]> {
    return asking(() => monitoringWindows(this.pool, question));
  }

  /** End of the newest window, ms; null where there is none. */
  monitoredUntil(model: string): Promise<number | null> {
    return asking(() => monitoredUntil(this.pool, model));
  }

  /**
   * Records a window and what it does to alerts, all or nothing; one that is on record already changes nothing.
   * @param stepsOf gets the alerts that are open of this version
   * @param noticesOf what is told, and by which channel
   * @returns whether it was new
   */
  recordWindow(
    window: MonitoringWindow,
    stepsOf: (open: Alert[]) => AlertStep[],
    noticesOf: (event: NoticeEvent, alert: Alert) => { channel: NoticeChannel; body: object }[],
  ): Promise<boolean> {
    return this.inTransaction(async (client) => {
      if (!(await insertMonitoringWindow(client, window))) return false;
      const { model, bundleVersion, role, toMs } = window;
      for (const step of stepsOf(await openAlerts(client, model, bundleVersion))) {
        const { alert, event } = await apply(client, { model, bundleVersion, role, toMs }, step);
        const isSilent = alert.silence !== null && Date.parse(alert.silence.until) > toMs;
        if (event === null || isSilent) continue;
        for (const notice of noticesOf(event, alert)) await addNotice(client, { alertId: alert.id, event, ...notice });
      }
      return true;
    });
  }

  alerts(question: AlertQuestion): Promise<Alert[]> {
    return asking(() => listAlerts(this.pool, question));
  }

  /** @throws {Fault} `not_found` where no alert of this id is open */
  silence(id: string, silence: Silence): Promise<Alert> {
    return asking(() => silenceAlert(this.pool, id, silence));
  }

  /** Takes the oldest notice of a channel that is due; for `leaseMs` nobody else gets it. */
  takeNotice(channel: NoticeChannel, leaseMs: number): Promise<AlertNotice | null> {
    return asking(() => takeNotice(this.pool, channel, leaseMs));
  }

  endNotice(id: string, end: NoticeEnd): Promise<void> {
    return asking(() => endNotice(this.pool, id, end));
  }

  pendingNotices(): Promise<Record<NoticeChannel, number>> {
    return asking(() => pendingNotices(this.pool));
  }

  /** See `claimAction` in monitoring-actions.ts. */
  claimAction(
    action: Omit<MonitoringAction, 'followedAtMs' | 'failure'>,
    limits: ActionLimits,
  ): Promise<MonitoringAction | null> {
    return asking(() => claimAction(this.pool, action, limits));
  }

  /** Those whose following job is still to be asked for. */
  openActions(): Promise<MonitoringAction[]> {
    return asking(() => openActions(this.pool));
  }

  endAction(
    action: Pick<MonitoringAction, 'alertId' | 'kind'>,
    end: { followedAtMs: number } | { failure: string },
  ): Promise<void> {
    return asking(() => endAction(this.pool, action, end));
  }

  /** What was asked for because of these alerts. */
  actionsOf(alertIds: string[]): Promise<MonitoringAction[]> {
    return asking(() => actionsOf(this.pool, alertIds));
  }

  private inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return asking(async () => {
      const client = await this.pool.connect();
      try {
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    });
  }
}

async function apply(
  client: PoolClient,
  { toMs, ...window }: Pick<MonitoringWindow, 'model' | 'bundleVersion' | 'role' | 'toMs'>,
  step: AlertStep,
): Promise<{ alert: Alert; event: NoticeEvent | null }> {
  switch (step.step) {
    case 'open':
      return { alert: await openAlert(client, { ...window, kind: step.kind }, step.change), event: 'opened' };
    case 'update': {
      const isWorse = step.alert.severity === 'warning' && step.change.severity === 'critical';
      return {
        alert: await updateAlert(client, { id: step.alert.id, role: window.role }, step.change),
        event: isWorse ? 'escalated' : null,
      };
    }
    case 'resolve':
      return { alert: await resolveAlert(client, step.alert.id, toMs), event: 'resolved' };
  }
}
