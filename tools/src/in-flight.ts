/** Work that runs side by side, no more than so much at one time; the first failure ends it all. */
export class InFlight {
  private readonly running = new Set<Promise<void>>();
  private failure: { error: unknown } | undefined;

  constructor(private readonly limit: number) {}

  /** Resolves when there is room for more. Rejects with the first failure of what was added so far. */
  async add(work: Promise<unknown>): Promise<void> {
    const settled: Promise<void> = work.then(
      () => void this.running.delete(settled),
      (error: unknown) => {
        this.running.delete(settled);
        this.failure ??= { error };
      },
    );
    this.running.add(settled);
    while (this.running.size >= this.limit && !this.failure) await Promise.race(this.running);
    if (this.failure) throw this.failure.error;
  }

  /** Resolves when all has ended. Rejects with the first failure. */
  async end(): Promise<void> {
    await Promise.all(this.running);
    if (this.failure) throw this.failure.error;
  }
}
