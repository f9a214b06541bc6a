import type { Alert, AlertChange, AlertSignal, AlertStep, SignalVerdict } from '@vigia/ledger';
import { ESCALATE_AFTER_WINDOWS, SIGNAL_KINDS, isSignalKind } from '../drift/signal-kinds.js';

/** Signals that an alert names, the worst first. */
const MOST_SIGNALS = 20;

/**
 * What the verdicts of a window do to the alerts of its version: all signals of a kind are one alert, which is opened
 * once, kept up to date, critical when it lasts, and resolved when the last of its signals is.
 */
export function alertSteps(verdicts: SignalVerdict[], open: Alert[], toMs: number): AlertStep[] {
  const alarmed = Map.groupBy(
    verdicts.filter((verdict) => verdict.alarmed),
    ({ kind }) => kind,
  );
  const steps: AlertStep[] = [];
  for (const [kind, signals] of alarmed) {
    const alert = open.find((each) => each.kind === kind);
    const change = changeOf(kind, signals, alert, toMs);
    steps.push(alert ? { step: 'update', alert, change } : { step: 'open', kind, change });
  }
  for (const alert of open) if (!alarmed.has(alert.kind)) steps.push({ step: 'resolve', alert });
  return steps;
}

function changeOf(kind: string, verdicts: SignalVerdict[], alert: Alert | undefined, toMs: number): AlertChange {
  const windows = (alert?.windows ?? 0) + 1;
  const first = isSignalKind(kind) ? SIGNAL_KINDS[kind].severity : 'warning';
  const severity = alert?.severity === 'critical' || windows > ESCALATE_AFTER_WINDOWS ? 'critical' : first;
  const signals = verdicts
    .map(({ signal, value, reason }): AlertSignal => ({ signal, value, reason }))
    .sort((a, b) => (b.value ?? Infinity) - (a.value ?? Infinity))
    .slice(0, MOST_SIGNALS);
  return { severity, signals, windows, seenAtMs: toMs };
}
