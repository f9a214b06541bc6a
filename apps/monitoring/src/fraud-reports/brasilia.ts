import { Fault } from '@vigia/contracts';

/** Brasília is UTC-3 all year since 2019 (Decreto 9.772/2019). */
const OFFSET = '-03:00';
export const TIME_ZONE = 'America/Sao_Paulo';

export interface Span {
  fromMs: number;
  /** Itself outside. */
  toMs: number;
}

const DAY_MS = 86_400_000;

/** `2026-11-20` -> its span in Brasília. @throws {Fault} `invalid_request` for no date, or one that has not begun */
export function dayOf(day: string, nowMs: number): Span {
  const fromMs = Date.parse(`${day}T00:00:00${OFFSET}`);
  const isDate = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ?? false;
  return begun('day', { fromMs, toMs: fromMs + DAY_MS }, isDate, nowMs);
}

/** `2026-11` -> the spans of its days. @throws {Fault} `invalid_request` for no month, or one that has not begun */
export function daysOf(month: string, nowMs: number): Span[] {
  const [year, number] = month.split('-').map(Number) as [number, number];
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
  const span = {
    fromMs: Date.parse(`${month}-01T00:00:00${OFFSET}`),
    toMs: Date.parse(`${next}-01T00:00:00${OFFSET}`),
  };
  const { fromMs, toMs } = begun('month', span, !Number.isNaN(span.fromMs), nowMs);
  const days = Array.from({ length: Math.round((toMs - fromMs) / DAY_MS) }, (_, index) => fromMs + index * DAY_MS);
  return days.map((dayMs) => ({ fromMs: dayMs, toMs: dayMs + DAY_MS }));
}

function begun(field: string, span: Span, isDate: boolean, nowMs: number): Span {
  const refuse = (message: string): Fault =>
    new Fault('invalid_request', { detail: `There is no report of this ${field}.`, errors: [{ field, message }] });
  if (!isDate) throw refuse(`is not in the calendar`);
  if (span.fromMs > nowMs) throw refuse('has not begun yet, by the clock of Brasília');
  return span;
}
