import type {
  Alert,
  MonitoringAction,
  MonitoringRecord,
  MonitoringWindow,
  NoticeChannel,
  SignalState,
  SignalVerdict,
} from '@vigia/ledger';
import type { Metrics } from '@vigia/platform';
import type { Value } from '@vigia/statistics';
import type { NoticeResult } from '../alerts/notifier.js';
import { LARGE_COUNTS, type VersionCounts } from '../window/version-counts.js';

/** As a number, so that rules can compare. */
const STATES: Record<SignalState, number> = { not_enough_data: -1, ok: 0, suspect: 1, recovering: 2, alarm: 3 };

/** Windows that hold the last one of each version. */
const NEWEST = 20;

/** What the record says, as of the last look: every process shows the same, whoever ran the window. */
export class MonitoringMetrics {
  private readonly state;
  private readonly value;
  private readonly payments;
  private readonly end;
  private readonly performance;
  private readonly alerts;
  private readonly pending;
  private readonly notices;
  private readonly asked;

  constructor(metrics: Metrics) {
    const labels = ['model', 'role', 'signal', 'kind'] as ('model' | 'role' | 'signal' | 'kind')[];
    this.state = metrics.gauge(
      'monitoring_signal_state',
      'Signals in the last window: -1 not enough data, 0 ok, 1 suspect, 2 recovering, 3 alarm.',
      labels,
    );
    this.value = metrics.gauge(
      'monitoring_signal_value',
      'What the verdict on a signal goes by; absent where nothing could be measured.',
      labels,
    );
    this.payments = metrics.gauge('monitoring_window_payments', 'Payments of the last window.', ['model', 'role']);
    this.end = metrics.gauge('monitoring_window_end_timestamp_seconds', 'End of the last window, Unix time.', [
      'model',
    ]);
    this.performance = metrics.gauge(
      'monitoring_performance',
      'Performance by `basis`: `estimated` without labels of the last window, `realised` of those whose labels are in.',
      ['model', 'role', 'metric', 'basis'],
    );
    this.alerts = metrics.gauge('monitoring_alerts_open', 'Open alerts; 0.5 where it is silenced.', [
      'model',
      'role',
      'kind',
      'severity',
    ]);
    this.pending = metrics.gauge('alert_notices_pending', 'Notices that wait, by `channel`: webhook, email.', [
      'channel',
    ]);
    this.notices = metrics.counter('alert_notices_total', 'Attempts to tell of an alert, by how they ended.', [
      'channel',
      'result',
    ]);
    this.asked = metrics.counter('monitoring_actions_total', 'Jobs that alerts asked for.', ['kind']);
  }

  noticed(channel: NoticeChannel, result: NoticeResult): void {
    this.notices.inc({ channel, result });
  }

  actionAsked(kind: MonitoringAction['kind']): void {
    this.asked.inc({ kind });
  }

  async refresh(record: MonitoringRecord, model: string, nowMs: number): Promise<void> {
    const windows = await record.windows({ model, untilMs: nowMs, limit: NEWEST, omit: LARGE_COUNTS });
    const alerts = await record.alerts({ model, state: 'open', limit: 1_000 });
    const pending = await record.pendingNotices();
    this.showWindows(windows.filter(({ toMs }) => toMs === windows[0]?.toMs));
    this.showAlerts(alerts, nowMs);
    for (const [channel, count] of Object.entries(pending)) {
      this.pending.set({ channel: channel as NoticeChannel }, count);
    }
  }

  private showWindows(windows: MonitoringWindow[]): void {
    for (const gauge of [this.state, this.value, this.payments, this.performance]) gauge.reset();
    for (const { model, role, payments, verdicts, counts, toMs } of windows) {
      // Of versions that are nobody's any more there may be many.
      if (role === 'other') continue;
      this.end.set({ model }, toMs / 1_000);
      this.payments.set({ model, role }, payments);
      for (const { signal, kind, state, value } of verdicts) {
        this.state.set({ model, role, signal, kind }, STATES[state]);
        if (value !== null) this.value.set({ model, role, signal, kind }, value);
      }
      for (const [metric, value] of Object.entries(estimatedIn(counts))) {
        this.performance.set({ model, role, metric, basis: 'estimated' }, value);
      }
      for (const [metric, value] of Object.entries(realisedIn(verdicts))) {
        this.performance.set({ model, role, metric, basis: 'realised' }, value);
      }
    }
  }

  private showAlerts(alerts: Alert[], nowMs: number): void {
    this.alerts.reset();
    for (const { model, role, kind, severity, silence } of alerts) {
      const isSilent = silence !== null && Date.parse(silence.until) > nowMs;
      this.alerts.set({ model, role, kind, severity }, isSilent ? 0.5 : 1);
    }
  }
}

function estimatedIn(counts: unknown): Record<string, number> {
  const { estimated = null } = counts as Partial<VersionCounts>;
  const known = Object.entries(estimated ?? {}).flatMap(([metric, result]: [string, number | Value]) =>
    typeof result === 'object' && result.kind === 'measured' ? [[snakeCase(metric), result.value] as const] : [],
  );
  return Object.fromEntries(known);
}

/** By the name that the bundle has for the metric. */
function realisedIn(verdicts: SignalVerdict[]): Record<string, number> {
  const known = verdicts.flatMap(({ kind, signal, state, numbers }) => {
    const { value } = (numbers['realised'] ?? {}) as { value?: number };
    const isKnown = kind === 'realised_performance' && state !== 'not_enough_data' && value !== undefined;
    return isKnown ? [[signal.replace('realised/', ''), value] as const] : [];
  });
  return Object.fromEntries(known);
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
