import { OnlineStore } from './online-store.js';
import { TEST_PLAN as plan } from './plan.fixture.js';
import type { PastCall } from './rebuild.js';
import type { EntityRequest, LabelRequest, ObserveRequest } from './wire.js';

const START_MS = 1_700_000_000_000;
const KEYS = 12;
/** Calls on their way at once. */
const AT_ONCE = 8;

/** Payments and labels of few parties, from a seed; what the store was told stands in the ledger, as services keep it. */
export class Traffic {
  readonly ledger: PastCall[] = [];
  private readonly payments: ObserveRequest[] = [];
  private made = 0;
  private seed = 1;

  constructor(private readonly store: OnlineStore) {}

  /** Calls the store; each goes to the ledger when it was answered. */
  async send(calls: number, keep = true): Promise<void> {
    const workers = Array.from({ length: AT_ONCE }, async () => {
      while (calls-- > 0) await this.sendOne(keep);
    });
    await Promise.all(workers);
  }

  private async sendOne(keep: boolean): Promise<void> {
    const kind = this.random(10);
    const earlier = this.payments[this.random(this.payments.length)];
    if (earlier && kind < 2) {
      const request: LabelRequest = { ...earlier, fraud: kind === 0 };
      const { arrivedUs } = await this.store.label(request);
      if (arrivedUs > 0 && keep) this.ledger.push({ kind: 'label', arrivedUs, request });
      return;
    }
    // A repeat, which changes nothing and is in the ledger already.
    if (earlier && kind === 2) return void (await this.store.observe(earlier));
    const request = this.payment();
    const { arrivedUs } = await this.store.observe(request);
    this.payments.push(request);
    if (keep) this.ledger.push({ kind: 'payment', arrivedUs, request });
  }

  /** One a moment, some late, some read alone, some no event of one of their entities. */
  payment(): ObserveRequest {
    const i = this.made++;
    const party = (): EntityRequest => ({
      key: `p${this.random(KEYS)}`,
      counterparty: this.random(5) > 0 ? `k1.${this.random(40)}` : null,
    });
    return {
      eventId: `E${i}`,
      atMs: START_MS + i * 20 - (this.random(6) === 0 ? this.random(900) : 0),
      amountCents: 1 + this.random(1_000_000),
      observe: this.random(9) > 0,
      entities: [party(), this.random(4) > 0 ? { ...party(), adds: this.random(5) > 0 } : null, party(), party()],
    };
  }

  readonly history = async function* (this: Traffic, fromUs: number, toUs: number): AsyncGenerator<PastCall> {
    yield* this.inOrder().filter(({ arrivedUs }) => arrivedUs >= fromUs && arrivedUs < toUs);
  }.bind(this);

  /** Every number that the store has of every entity now, seen at the end of the traffic. */
  async vectors(store: OnlineStore): Promise<number[][]> {
    const atMs = START_MS + this.made * 20;
    const vectors: number[][] = [];
    for (let i = 0; i < KEYS; i++) {
      const entities = plan.entities.map(() => ({ key: `p${i}`, counterparty: null }));
      const request = { eventId: 'none', atMs, amountCents: 0, observe: false, peek: true, entities };
      vectors.push([...(await store.observe(request)).values]);
    }
    return vectors;
  }

  /** The same numbers of a store that gets the ledger's calls in their order, and nothing else. */
  async vectorsAnew(url: string, prefix: string): Promise<number[][]> {
    const store = await OnlineStore.connect({ url, plan, prefix, timeoutMs: 10_000 });
    try {
      const calls = this.inOrder();
      // One connection keeps the order of what is sent.
      for (let i = 0; i < calls.length; i += 100) {
        await Promise.all(
          calls
            .slice(i, i + 100)
            .map((call): Promise<unknown> =>
              call.kind === 'label' ? store.label(call.request) : store.observe(call.request),
            ),
        );
      }
      return await this.vectors(store);
    } finally {
      store.close();
    }
  }

  private inOrder(): PastCall[] {
    return [...this.ledger].sort((a, b) => a.arrivedUs - b.arrivedUs);
  }

  private random(below: number): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.seed / 2 ** 32) * below);
  }
}
