/** Of how far back a line is asked for again, seconds: what was on its way at the last look. */
const OVERLAP_SECONDS = 5;

/** The log of a pod as it grows, read again and again: gives each line once. */
export class PodLog {
  /** Time of the last line that was given. */
  private last = '';
  private readAtMs: number | undefined;

  /**
   * @param read the log of the last so many seconds, each line behind its time (RFC 3339 with nanoseconds); all where
   * undefined
   * @param nowMs a clock that never goes back
   */
  constructor(
    private readonly read: (sinceSeconds?: number) => Promise<string>,
    private readonly nowMs: () => number,
  ) {}

  /** The lines that came since the last look. */
  async lines(): Promise<string[]> {
    const atMs = this.nowMs();
    const since = this.readAtMs === undefined ? undefined : Math.ceil((atMs - this.readAtMs) / 1_000) + OVERLAP_SECONDS;
    const read = stamped(await this.read(since));
    const fresh = read.filter(({ at }) => at > this.last);
    this.last = fresh.at(-1)?.at ?? this.last;
    // What is not there yet must not shorten the next look.
    if (this.last !== '') this.readAtMs = atMs;
    return fresh.map(({ text }) => text);
  }

  /** All of it once more. */
  async all(): Promise<string[]> {
    return stamped(await this.read()).map(({ text }) => text);
  }
}

/** A line without its end is still being written: it is read when it has one. */
function stamped(log: string): { at: string; text: string }[] {
  return log
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, second, fraction = '', text = ''] = /^(\S+?)(?:\.(\d+))?Z ?(.*)$/s.exec(line) ?? [];
      return { at: second === undefined ? '' : `${second}.${fraction.padEnd(9, '0')}`, text };
    });
}
