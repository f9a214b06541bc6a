/** Rows by category; the categories are whatever occurs. */
export interface CategoryCounts {
  counts: ReadonlyMap<string, number>;
  missing: number;
}

/** Counts categories; null and undefined are missing. */
export function countCategories(values: Iterable<string | null | undefined>): CategoryCounts {
  const counts = new Map<string, number>();
  let missing = 0;
  for (const value of values) {
    if (value === null || value === undefined) missing++;
    else counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return { counts, missing };
}

/** The counts of the union. */
export function mergeCategories(one: CategoryCounts, other: CategoryCounts): CategoryCounts {
  const counts = new Map(one.counts);
  for (const [category, count] of other.counts) counts.set(category, (counts.get(category) ?? 0) + count);
  return { counts, missing: one.missing + other.missing };
}

/** Both sides' counts in one order of categories; a category that one side lacks counts 0 there. */
export function alignCategories(one: CategoryCounts, other: CategoryCounts): [number[], number[]] {
  const names = [...new Set([...one.counts.keys(), ...other.counts.keys()])];
  return [names.map((name) => one.counts.get(name) ?? 0), names.map((name) => other.counts.get(name) ?? 0)];
}
