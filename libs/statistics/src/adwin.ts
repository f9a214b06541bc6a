/** A change that was found: the window dropped what came before it. */
export interface Change {
  /** Mean of the dropped values. */
  before: number;
  /** Mean of the kept ones. */
  after: number;
  /** How many values are kept. */
  kept: number;
}

/** 2^row values as their sum and their sum of squares around their mean. */
interface Bucket {
  sum: number;
  spread: number;
}

/** Most buckets of one size; the paper's M. */
const MOST_BUCKETS = 5;

/**
 * Finds changes of the mean of a stream of numbers in [0, 1], such as outcomes, flags or scores of payments: ADWIN2 of
 * Bifet & Gavaldà 2007. The window grows while its mean holds, and drops its older part when some split of it shows two
 * means that differ by more than chance allows. It may tell of one change several times while it sheds the old values.
 *
 * Chosen over Page-Hinkley, which wants the size of the change and the false alarms set by trial for each stream: here
 * one number bounds the chance of a false alarm, whatever the rate. Memory grows with the logarithm of the window.
 *
 * Blind to changes that keep the mean, and slow for rare events: to tell fraud of 0.2 % from 0.1 % takes some 80,000
 * payments of each. So feed it payments, not daily shares: of those it would need months. Values that depend on each
 * other, as the payments of one day may, break the bound.
 */
export class Adwin {
  /** Newest first; `rows[i]` holds buckets of 2^i values, oldest first. */
  private readonly rows: Bucket[][] = [[]];
  private width = 0;
  private sum = 0;
  private spread = 0;
  private seen = 0;

  /**
   * @param confidence bound of the chance of a false alarm at one look, above 0 and below 1
   * @param lookEvery values between looks; each costs a pass over the buckets
   */
  constructor(
    private readonly confidence = 0.002,
    private readonly lookEvery = 1,
  ) {}

  /** Values in the window. */
  get size(): number {
    return this.width;
  }

  /** Mean of the window, NaN while it is empty. */
  get mean(): number {
    return this.sum / this.width;
  }

  /** Takes the next value of the stream; NaN is left out. */
  add(value: number): Change | null {
    if (Number.isNaN(value)) return null;
    if (this.width > 0) this.spread += ((value - this.mean) ** 2 * this.width) / (this.width + 1);
    this.width++;
    this.sum += value;
    this.rows[0]!.push({ sum: value, spread: 0 });
    this.compress();
    return ++this.seen % this.lookEvery === 0 ? this.look() : null;
  }

  private compress(): void {
    for (let row = 0; this.rows[row]!.length > MOST_BUCKETS; row++) {
      const [older, newer] = this.rows[row]!.splice(0, 2) as [Bucket, Bucket];
      const size = 2 ** row;
      const between = ((older.sum - newer.sum) / size) ** 2 * (size / 2);
      (this.rows[row + 1] ??= []).push({ sum: older.sum + newer.sum, spread: older.spread + newer.spread + between });
    }
  }

  private look(): Change | null {
    const dropped = { count: 0, sum: 0 };
    while (this.hasChanged()) {
      const { count, sum } = this.dropOldest();
      dropped.count += count;
      dropped.sum += sum;
    }
    return dropped.count > 0 ? { before: dropped.sum / dropped.count, after: this.mean, kept: this.width } : null;
  }

  private hasChanged(): boolean {
    let count = 0;
    let sum = 0;
    for (let row = this.rows.length - 1; row >= 0; row--) {
      for (const bucket of this.rows[row]!) {
        count += 2 ** row;
        sum += bucket.sum;
        const rest = this.width - count;
        if (rest < 1) return false;
        const gap = Math.abs(sum / count - (this.sum - sum) / rest);
        if (gap > this.allowed(count, rest)) return true;
      }
    }
    return false;
  }

  /** ε_cut of the paper's eq. 3.1, with the variance of the window. */
  private allowed(before: number, after: number): number {
    const inverse = 1 / before + 1 / after;
    const log = Math.log((2 * Math.log(this.width)) / this.confidence);
    return Math.sqrt(2 * inverse * (this.spread / this.width) * log) + (2 / 3) * inverse * log;
  }

  private dropOldest(): { count: number; sum: number } {
    const row = this.rows.length - 1;
    const { sum, spread } = this.rows[row]!.shift()!;
    const count = 2 ** row;
    this.width -= count;
    this.sum -= sum;
    this.spread -= spread + ((sum / count - this.mean) ** 2 * count * this.width) / (count + this.width);
    if (this.rows[row]!.length === 0 && row > 0) this.rows.pop();
    return { count, sum };
  }
}
