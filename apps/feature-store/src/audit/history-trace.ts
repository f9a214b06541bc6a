/** One entity as it was met by a payment, online and offline, in the order of arrival. */
export interface Touch {
  endToEndId: string;
  arrivedUs: number;
  /** The payment is an event of the entity, by its declaration. */
  adds: boolean;
  /** As the windows had it; absent where the payment was not served from these windows. */
  served?: { position: number; atMs: number };
  recomputed: { position: number; atMs: number };
}

/** Where the windows and the history part. */
export interface Difference {
  /**
   * `lacking`: the windows do not have this event of the history. `lost`: they had several of the history before this
   * payment, and have them no more. `surplus`: they got one between the payment before and this one that is not in the
   * history, or not in this place. `clock`: they took this payment at another moment. `label`: events and clocks agree,
   * and this payment's label is the last that reached the entity.
   */
  kind: 'lacking' | 'lost' | 'surplus' | 'clock' | 'label';
  /** The event; of `lost`, `surplus` and `clock` the payment that shows it. */
  endToEndId: string;
  arrivedUs: number;
  /** The last payment that shows both agreeing; absent when the history begins behind it. */
  after?: string;
  /** Of `lacking`: it was not served from these windows. */
  notServed?: true;
}

const MAX_KEPT = 100;

/**
 * Follows one entity. Positions count the events that a log ever had; a history that begins later counts fewer, by a
 * number that stays the same as long as both get the same events. Where it changes lies the event.
 */
export class EntityTrace {
  readonly found: Difference[] = [];
  private last: { touch: Touch; lead: number } | undefined;
  /** Events since then that were not served from these windows. */
  private unserved: Touch[] = [];
  private newestEventMs = -Infinity;
  private label: { endToEndId: string; arrivedUs: number } | undefined;

  /** @param reachMs of the entity's longest window: a log without an event in it may have been begun anew */
  constructor(private readonly reachMs: number) {}

  touch(touch: Touch): void {
    const { served, recomputed, adds } = touch;
    if (served) {
      this.compare(touch, served);
      this.last = { touch, lead: served.position - recomputed.position };
      this.unserved = [];
    } else if (adds && this.unserved.length < MAX_KEPT) this.unserved.push(touch);
    if (adds) this.newestEventMs = recomputed.atMs;
  }

  labelled(endToEndId: string, arrivedUs: number): void {
    this.label = { endToEndId, arrivedUs };
  }

  /** The last label that arrived up to now. */
  lastLabel(): Difference | undefined {
    return this.label && { kind: 'label', ...this.label };
  }

  private compare(touch: Touch, served: NonNullable<Touch['served']>): void {
    const lead = served.position - touch.recomputed.position;
    // The log may be older than the history, never younger.
    const expected = this.last?.lead ?? Math.max(0, lead);
    const mayBeNew = touch.recomputed.atMs - this.newestEventMs > this.reachMs;
    if (lead < expected) {
      if (!mayBeNew || !this.last) this.note(this.lackingBefore(touch, expected - lead));
    } else if (lead > expected) this.note(this.differenceAt('surplus', touch));
    else if (served.atMs !== touch.recomputed.atMs && this.last) this.note(this.differenceAt('clock', touch));
  }

  private lackingBefore(touch: Touch, missing: number): Difference {
    const unserved = this.unserved[0];
    if (unserved) return { ...this.differenceAt('lacking', unserved), notServed: true };
    if (missing === 1 && touch.adds) return this.differenceAt('lacking', touch);
    return this.differenceAt('lost', touch);
  }

  private differenceAt(kind: Difference['kind'], { endToEndId, arrivedUs }: Touch): Difference {
    const after = this.last?.touch.endToEndId;
    return { kind, endToEndId, arrivedUs, ...(after === undefined ? {} : { after }) };
  }

  private note(difference: Difference): void {
    this.found.push(difference);
    if (this.found.length > MAX_KEPT) this.found.shift();
  }
}
