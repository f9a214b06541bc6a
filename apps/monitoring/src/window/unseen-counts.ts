/** Values of a feature of few that training never saw. */
export interface UnseenCounts {
  /** Payments that have the feature. */
  present: number;
  /** Those of them with a value that training never had. */
  unseen: number;
  /** The first few such values. */
  values: number[];
}

const VALUES_SHOWN = 5;

/** Counts what training never saw, page by page. */
export class UnseenCounter {
  private readonly known: Map<string, { seen: Set<number>; counts: UnseenCounts }>;

  /** @param categories every value of training, of the features that have few */
  constructor(categories: Record<string, number[]>) {
    const entries = Object.entries(categories).map(
      ([name, values]): [string, { seen: Set<number>; counts: UnseenCounts }] => [
        name,
        { seen: new Set(values), counts: { present: 0, unseen: 0, values: [] } },
      ],
    );
    this.known = new Map(entries);
  }

  /** @param column values of a feature [n], NaN = missing */
  add(name: string, column: Float32Array): void {
    const feature = this.known.get(name);
    if (!feature) return;
    const { seen, counts } = feature;
    for (const value of column) {
      if (Number.isNaN(value)) continue;
      counts.present++;
      if (seen.has(value)) continue;
      counts.unseen++;
      if (counts.values.length < VALUES_SHOWN && !counts.values.includes(value)) counts.values.push(value);
    }
  }

  result(): Record<string, UnseenCounts> {
    return Object.fromEntries([...this.known].map(([name, { counts }]) => [name, counts]));
  }
}
