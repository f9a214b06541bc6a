import type { CategoryCounts } from '@vigia/statistics';

/** Sums of counts by category. */
export function mergedCounts(counts: Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of counts) {
    for (const [category, count] of Object.entries(each)) sums[category] = (sums[category] ?? 0) + count;
  }
  return sums;
}

export const categoriesOf = (counts: Record<string, number>): CategoryCounts => ({
  counts: new Map(Object.entries(counts)),
  missing: 0,
});
