import { compareCategories, type CategoryCounts, type PValue } from '@vigia/statistics';

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

export type CategoryAnswer =
  { measured: true; value: number; pValue: PValue } | { measured: false; reason: string; usable: boolean };

/** PSI of two counts of categories, with the p value of chi-square. */
export function categoryAnswer(before: Record<string, number>, now: Record<string, number>): CategoryAnswer {
  const { results } = compareCategories(categoriesOf(before), categoriesOf(now), ['psi', 'chi_square']);
  const { psi } = results;
  if (psi!.kind !== 'measured') return { measured: false, reason: psi!.reason, usable: true };
  return { measured: true, value: psi!.statistic, pValue: chanceOf(before, now) };
}

/** Chance that two counts of categories differ so much where nothing has changed; null where there are too few. */
export function chanceOf(before: Record<string, number>, now: Record<string, number>): PValue {
  const { chi_square: chi } = compareCategories(categoriesOf(before), categoriesOf(now), ['chi_square']).results;
  return chi!.kind === 'measured' ? chi!.pValue : null;
}
