import type { Span } from './brasilia.js';

const DAY_MS = 86_400_000;

export interface Finality {
  /** Labels are still coming: what is `suspected_attempt` or missing here may be a fraud in the next edition. */
  preliminary: boolean;
  /** From when on hardly any label comes. */
  finalFrom: string;
}

/** @param labelHorizonDays time after a payment in which its label may come, days */
export function finalityOf({ toMs }: Pick<Span, 'toMs'>, labelHorizonDays: number, nowMs: number): Finality {
  const finalMs = toMs + labelHorizonDays * DAY_MS;
  return { preliminary: nowMs < finalMs, finalFrom: new Date(finalMs).toISOString() };
}
