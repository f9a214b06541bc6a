const BUCKET_US = 10;
const BUCKETS = 200_000;

/** Latencies in buckets of 10 µs up to 2 s: constant memory, however long a run is. */
export class Latencies {
  private readonly counts = new Uint32Array(BUCKETS);
  count = 0;
  maxMs = 0;

  add(ms: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.floor((ms * 1000) / BUCKET_US));
    this.counts[bucket]!++;
    this.count++;
    if (ms > this.maxMs) this.maxMs = ms;
  }

  /** Milliseconds, to 0.01; NaN when there are none. @param q 0 to 1 */
  quantileMs(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.counts[bucket]!;
      if (seen >= rank) return ((bucket + 1) * BUCKET_US) / 1000;
    }
    return NaN;
  }
}
