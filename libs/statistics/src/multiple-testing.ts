/** A p value, or null where nothing was tested. */
export type PValue = number | null;

/**
 * p values adjusted so that rejecting those at most q keeps the expected share of false ones among the rejected at q,
 * for tests that are independent or positively dependent (Benjamini & Hochberg 1995). Null stays null and isn't counted.
 */
export function benjaminiHochberg(pValues: readonly PValue[]): PValue[] {
  const tested = pValues.flatMap((p, index) => (p === null ? [] : [{ p, index }]));
  tested.sort((a, b) => b.p - a.p);
  const adjusted: PValue[] = pValues.map(() => null);
  let least = 1;
  for (const [fromTop, { p, index }] of tested.entries()) {
    least = Math.min(least, (p * tested.length) / (tested.length - fromTop));
    adjusted[index] = least;
  }
  return adjusted;
}

/** p values adjusted so that rejecting those at most q keeps the chance of any false one at q, however they depend. */
export function bonferroni(pValues: readonly PValue[]): PValue[] {
  const tested = pValues.filter((p) => p !== null).length;
  return pValues.map((p) => (p === null ? null : Math.min(1, p * tested)));
}
