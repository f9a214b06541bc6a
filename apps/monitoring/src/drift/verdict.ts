import type { SignalVerdict } from '@vigia/ledger';
import { SIGNAL_KINDS, type SignalKindName } from './signal-kinds.js';

/** What one window says of one signal. */
export type Measurement = { signal: string; kind: SignalKindName; numbers: Record<string, unknown> } & (
  | {
      measured: true;
      value: number;
      /** False where the change may be chance: then it speaks for no alarm, whatever the value. */
      significant: boolean;
      reason?: string;
    }
  | {
      measured: false;
      /** What is lacking. */
      reason: string;
      /** Whether later windows may be compared with this one all the same: it lacks a past, not payments. */
      usable: boolean;
    }
);

/**
 * Carries a signal on by a window, with hysteresis: the alarm goes on after as many windows in a row at or above `enter`
 * as the kind wants, and off after as many below `leave`. A window without enough data leaves everything as it was, and
 * is no green either: its state says so.
 */
export function judge(measurement: Measurement, before: SignalVerdict | undefined): SignalVerdict {
  const { signal, kind, numbers } = measurement;
  const { alarmed, streak } = before ?? { alarmed: false, streak: 0 };
  if (!measurement.measured) {
    const { reason, usable } = measurement;
    return { signal, kind, numbers, reason, alarmed, streak, state: 'not_enough_data', good: usable, value: null };
  }
  const { enter, leave, windows } = SIGNAL_KINDS[kind];
  const { value, significant, reason = null } = measurement;
  const isOver = significant && value >= enter;
  const isUnder = !significant || value < leave;
  const inRow = (alarmed ? isUnder : isOver) ? streak + 1 : 0;
  const turns = inRow >= windows;
  const after = { alarmed: turns ? !alarmed : alarmed, streak: turns ? 0 : inRow };
  return { signal, kind, numbers, reason, value, ...after, state: stateOf(after), good: !isOver };
}

function stateOf({ alarmed, streak }: Pick<SignalVerdict, 'alarmed' | 'streak'>): SignalVerdict['state'] {
  if (alarmed) return streak > 0 ? 'recovering' : 'alarm';
  return streak > 0 ? 'suspect' : 'ok';
}
