/** Scores that are kept at most; 5 bytes each. */
const MOST = 1 << 20;

/**
 * Probabilities of a window with whether they were flagged: all of them, or beyond a million every second, fourth ...
 * one. So the memory is bounded and the same window gives the same sample.
 */
export class ScoreSample {
  private probabilities = new Float32Array(1_024);
  private flags = new Uint8Array(1_024);
  private length = 0;
  private stride = 1;
  private seen = 0;

  constructor(private readonly most = MOST) {}

  add(probability: number, flagged: boolean): void {
    if (this.seen++ % this.stride !== 0) return;
    if (this.length === this.most) this.thin();
    if (this.length === this.probabilities.length) this.grow();
    this.probabilities[this.length] = probability;
    this.flags[this.length++] = Number(flagged);
  }

  /** How many payments each of the sample stands for. */
  get weight(): number {
    return this.length === 0 ? 1 : this.seen / this.length;
  }

  values(): { probabilities: Float32Array; flagged: Uint8Array } {
    return { probabilities: this.probabilities.subarray(0, this.length), flagged: this.flags.subarray(0, this.length) };
  }

  private thin(): void {
    this.length = Math.ceil(this.length / 2);
    for (let row = 0; row < this.length; row++) {
      this.probabilities[row] = this.probabilities[2 * row]!;
      this.flags[row] = this.flags[2 * row]!;
    }
    this.stride *= 2;
  }

  private grow(): void {
    const { probabilities, flags } = this;
    this.probabilities = new Float32Array(Math.min(this.most, 2 * probabilities.length));
    this.probabilities.set(probabilities);
    this.flags = new Uint8Array(this.probabilities.length);
    this.flags.set(flags);
  }
}
