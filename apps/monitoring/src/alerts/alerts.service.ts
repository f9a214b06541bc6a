import { Fault } from '@vigia/contracts';
import type { Alert, MonitoringAction, MonitoringRecord } from '@vigia/ledger';

const LONGEST_SILENCE_MS = 90 * 86_400_000;

/** Shows and silences alerts. */
export class AlertsService {
  constructor(
    private readonly record: MonitoringRecord,
    private readonly now: () => number,
  ) {}

  async list(question: {
    model?: string | undefined;
    state?: 'open' | 'resolved' | undefined;
    limit: number;
  }): Promise<(Alert & { actions: MonitoringAction[] })[]> {
    const { model, state, limit } = question;
    const alerts = await this.record.alerts({ limit, ...(model && { model }), ...(state && { state }) });
    const actions = await this.record.actionsOf(alerts.map(({ id }) => id));
    return alerts.map((alert) => ({ ...alert, actions: actions.filter(({ alertId }) => alertId === alert.id) }));
  }

  /** @throws {Fault} `invalid_request` for an end that is past or too far, `not_found` */
  silence(id: string, { until, by, reason }: { until: string; by: string; reason: string }): Promise<Alert> {
    const untilMs = Date.parse(until);
    const nowMs = this.now();
    if (untilMs <= nowMs || untilMs > nowMs + LONGEST_SILENCE_MS) {
      throw new Fault('invalid_request', {
        detail: 'The silence ends at no time that makes sense.',
        errors: [{ field: 'until', message: 'must be after now, by 90 days at most' }],
      });
    }
    return this.record.silence(id, { untilMs, by, reason });
  }
}
