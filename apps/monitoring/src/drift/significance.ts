import { benjaminiHochberg, type PValue } from '@vigia/statistics';
import type { Measurement } from './verdict.js';

/** Chance of a false alarm among all that are tested together, as a share of the alarms (Benjamini & Hochberg). */
export const SIGNIFICANCE = 0.01;

/** What a test says of one signal, before it is known how many are tested with it. */
export type Tested = Omit<Measurement, 'measured'> &
  (
    | { measured: true; value: number; /** Null where nothing could be tested. */ pValue: PValue }
    | { measured: false; reason: string; usable: boolean }
  );

/** Corrects for everything that is tested in the window of a subject: the more signals, the more a change must show. */
export function corrected(tested: Tested[]): Measurement[] {
  const adjusted = benjaminiHochberg(tested.map((each) => (each.measured ? each.pValue : null)));
  return tested.map((each, index): Measurement => {
    if (!each.measured) return each;
    const { signal, kind, value } = each;
    const adjustedP = adjusted[index]!;
    const significant = adjustedP !== null && adjustedP <= SIGNIFICANCE;
    return { signal, kind, measured: true, value, numbers: { ...each.numbers, adjustedP }, significant };
  });
}
