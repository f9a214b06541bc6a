import type { PseudonymousPayment } from '@vigia/contracts';
import { HEADER, layoutOf, type CompiledFeatureSet } from '@vigia/features';
import type { EntityRead } from '@vigia/ledger';
import type { OnlineStore } from '@vigia/online-store';

/** What is known of a payment when it is judged. */
export interface SeenPayment {
  /** False when the online store has met this EndToEndId before: the ledger may hold the answer. */
  first: boolean;
  /** When it reached the windows, µs: the store's clock, or this machine's while the store is away. */
  arrivedUs: number;
  vector: Float32Array;
  /** Per entity that was read: as of when, and how many events it had; empty without the store. */
  effective: Record<string, EntityRead>;
  /** The online store did not answer in time: the vector holds only what stands in the payment. */
  degraded: boolean;
}

const [AT, POSITION] = [HEADER.indexOf('at'), HEADER.indexOf('position')];

/** Observes a payment in the exact windows and makes its vector; one round trip. */
export class FeatureReader {
  private readonly offsets: number[];
  private readonly names: string[];

  constructor(
    readonly set: CompiledFeatureSet,
    private readonly store: OnlineStore,
    private readonly onOutage: (error: unknown) => void,
  ) {
    this.offsets = layoutOf(set.plan).offsets;
    this.names = set.plan.entities.map(({ name }) => name);
  }

  async read(payment: PseudonymousPayment): Promise<SeenPayment> {
    try {
      const { first, arrivedUs, values } = await this.store.observe({
        eventId: payment.endToEndId,
        atMs: payment.acceptedAtMs,
        amountCents: payment.amountCents,
        observe: this.set.observes(payment),
        entities: this.set.entitiesOf(payment),
      });
      return {
        first,
        arrivedUs,
        vector: this.set.vectorOf(payment, values),
        effective: this.effectiveOf(values),
        degraded: false,
      };
    } catch (error) {
      this.onOutage(error);
      return {
        first: true,
        arrivedUs: Date.now() * 1_000,
        vector: this.set.vectorOf(payment, null),
        effective: {},
        degraded: true,
      };
    }
  }

  private effectiveOf(values: Float64Array): Record<string, EntityRead> {
    const effective: Record<string, EntityRead> = {};
    this.offsets.forEach((offset, entity) => {
      const atMs = values[offset + AT]!;
      if (!Number.isNaN(atMs)) effective[this.names[entity]!] = { atMs, position: values[offset + POSITION]! };
    });
    return effective;
  }
}
