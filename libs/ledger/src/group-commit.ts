/**
 * What arrives while a commit is on its way forms the next one. No timer: an item that arrives alone is committed at
 * the end of the event loop's turn, together with what else came in that turn.
 */
export class GroupCommit<Item, Result> {
  private waiting: { item: Item; settle: (result: Result | Error) => void }[] = [];
  private running: Promise<void> | undefined;

  /** `commit` answers one result an item, in order; an Error rejects that item alone, a rejection the whole batch. */
  constructor(
    private readonly maxBatch: number,
    private readonly commit: (items: Item[]) => Promise<(Result | Error)[]>,
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, settle: (result) => (result instanceof Error ? reject(result) : resolve(result)) });
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing is waiting or on its way. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.maxBatch);
      try {
        const results = await this.commit(batch.map(({ item }) => item));
        batch.forEach(({ settle }, i) => settle(results[i]!));
      } catch (error) {
        for (const { settle } of batch) settle(error as Error);
      }
    }
    this.running = undefined;
  }
}
