const MAX_WAITING = 10_000;
/** Done in one turn of the event loop: about 0.2 ms for models, 1 ms for policies, the longest that an answer waits. */
const PER_TURN = 16;

/** Work on payments that were answered, some in each turn of the event loop so that answers come before. */
export class AfterAnswerQueue<Item> {
  private readonly waiting: Item[] = [];
  private running: Promise<void> | undefined;

  /** @param work never rejects */
  constructor(
    private readonly work: (item: Item) => Promise<void>,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  /** False: there is no room. */
  offer(item: Item): boolean {
    if (this.waiting.length >= this.maxWaiting) return false;
    this.waiting.push(item);
    this.running ??= this.drain();
    return true;
  }

  /** Resolves when what waits is done. */
  async drained(): Promise<void> {
    await this.running;
  }

  private async drain(): Promise<void> {
    await nextTurn();
    while (this.waiting.length > 0) {
      await Promise.all(this.waiting.splice(0, PER_TURN).map(this.work));
      await nextTurn();
    }
    this.running = undefined;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
