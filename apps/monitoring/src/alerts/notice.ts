import type { Alert, NoticeEvent } from '@vigia/ledger';
import { SIGNAL_KINDS, isSignalKind, runbookOf } from '../drift/signal-kinds.js';

const SIGNALS_SHOWN = 5;

/** What the webhook gets. Slack and those like it show `text` alone. */
export interface Notice {
  text: string;
  event: NoticeEvent;
  runbook: string | null;
  alert: Alert;
}

export function noticeOf(event: NoticeEvent, alert: Alert): Notice {
  const kind = isSignalKind(alert.kind) ? alert.kind : null;
  const runbook = kind && runbookOf(kind);
  const whose = alert.bundleVersion === '' ? alert.model : `${alert.model} ${alert.bundleVersion} (${alert.role})`;
  const shown = alert.signals.slice(0, SIGNALS_SHOWN).map(({ signal, value, reason }) => {
    const figure = value === null ? '' : ` ${Number(value.toPrecision(3))}`;
    return `${signal}${figure}${reason === null ? '' : ` (${reason})`}`;
  });
  const rest = alert.signals.length - shown.length;
  const lines = [
    `[${event}, ${alert.severity}] ${kind ? SIGNAL_KINDS[kind].title : alert.kind}: ${whose}`,
    `since ${alert.openedAt}: ${shown.join(', ')}${rest > 0 ? `, ${rest} more` : ''}`,
    ...(runbook === null ? [] : [`what to do: ${runbook}`]),
  ];
  return { text: lines.join('\n'), event, runbook, alert };
}
