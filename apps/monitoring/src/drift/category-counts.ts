import { compareCategories, type CategoryCounts } from '@vigia/statistics';
import { SIGNIFICANCE } from './significance.js';

/** Sums of counts by category. */
export function mergedCounts(counts: Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of counts) {
    for (const [category, count] of Object.entries(each)) sums[category] = (sums[category] ?? 0) + count;
  }
  return sums;
}

const categoriesOf = (counts: Record<string, number>): CategoryCounts => ({
  counts: new Map(Object.entries(counts)),
  missing: 0,
});

/** PSI of two counts of categories, significant by chi-square. */
export function categorySignal(
  before: Record<string, number>,
  now: Record<string, number>,
): { measured: true; value: number; significant: boolean } | { measured: false; reason: string; usable: boolean } {
  const { results } = compareCategories(categoriesOf(before), categoriesOf(now), ['psi', 'chi_square']);
  const { psi, chi_square: chi } = results;
  if (psi!.kind !== 'measured') return { measured: false, reason: psi!.reason, usable: true };
  const significant = chi!.kind === 'measured' && chi!.pValue! <= SIGNIFICANCE;
  return { measured: true, value: psi!.statistic, significant };
}
