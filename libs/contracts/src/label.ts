import type { Outcome } from './outcome.js';

/**
 * Whose word weighs more where words about a payment differ: the MED's result, to which both institutions are bound,
 * before an analyst's verdict, that before labels of an import, and all before what the customer claims.
 */
export const SOURCE_RANKS: Readonly<Record<Outcome['source'], number>> = { med: 3, analyst: 2, import: 1, customer: 0 };

/**
 * The outcome that labels a payment: of those that decide (`open` does not) the one of the highest rank, among equal
 * ranks the one known last, among equal moments the one recorded last.
 * @param outcomes of one payment; those known at the same moment in the order of recording
 * @returns undefined where none decides
 */
export function labelOf<T extends Pick<Outcome, 'source' | 'result' | 'knownAt'>>(
  outcomes: readonly T[],
): T | undefined {
  return outcomes.reduce<T | undefined>((best, each) => {
    if (each.result === 'open') return best;
    return best === undefined || !precedes(each, best) ? each : best;
  }, undefined);
}

type Word = Pick<Outcome, 'source' | 'knownAt'>;

/** Whether `a` gives way to `b`. */
function precedes(a: Word, b: Word): boolean {
  const ranks = SOURCE_RANKS[a.source] - SOURCE_RANKS[b.source];
  return ranks === 0 ? Date.parse(a.knownAt) < Date.parse(b.knownAt) : ranks < 0;
}
