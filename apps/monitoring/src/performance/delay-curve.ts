import type { JudgedPayment } from '@vigia/ledger';

const DAY_MS = 86_400_000;

/** Frauds that are old enough and tell how labels come in, at least. */
const LEAST_FRAUDS = 30;

/** How the labels of frauds come in with the age of the payment; "not enough data" says what is lacking. */
export type DelayCurve =
  | {
      kind: 'measured';
      frauds: number;
      /** `shares[n]`: share of the frauds that were known n days after the payment. */
      shares: number[];
    }
  | { kind: 'not_enough_data'; reason: string };

/**
 * From payments that are older than the horizon alone: of younger ones only the quick labels are known, which would make
 * labels look quicker than they are.
 */
export function delayCurve(judged: JudgedPayment[], nowMs: number, horizonDays: number): DelayCurve {
  const delays = judged.flatMap(({ fraud, fraudKnownAtMs, acceptedAtMs }) =>
    fraud && fraudKnownAtMs !== null && acceptedAtMs <= nowMs - horizonDays * DAY_MS
      ? [fraudKnownAtMs - acceptedAtMs]
      : [],
  );
  if (delays.length < LEAST_FRAUDS) {
    const reason = `${delays.length} frauds are known of payments older than ${horizonDays} days, ${LEAST_FRAUDS} needed`;
    return { kind: 'not_enough_data', reason };
  }
  const shares = Array.from(
    { length: horizonDays + 1 },
    (_, days) => delays.filter((delay) => delay <= days * DAY_MS).length / delays.length,
  );
  return { kind: 'measured', frauds: delays.length, shares };
}

/** Share of the labels that can be expected to be in for payments of at least this age; null where nobody knows. */
export function shareIn(curve: DelayCurve, ageMs: number): number | null {
  if (curve.kind !== 'measured') return null;
  const days = Math.max(0, Math.floor(ageMs / DAY_MS));
  return days >= curve.shares.length ? 1 : curve.shares[days]!;
}
