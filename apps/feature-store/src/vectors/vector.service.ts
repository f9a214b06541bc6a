import { Fault, type FeatureVector, type Payment } from '@vigia/contracts';
import { HEADER, layoutOf, type CompiledFeatureSet } from '@vigia/features';
import type { OnlineStore } from '@vigia/online-store';
import type { Pseudonymiser } from '@vigia/platform';
import { requireServed } from '../feature-sets.js';

const [AT, POSITION] = [HEADER.indexOf('at'), HEADER.indexOf('position')];

/** Reads features as they stand. Nothing is added, no clock is moved: scoring sees no difference. */
export class VectorService {
  private readonly entities: string[];
  private readonly offsets: number[];

  constructor(
    private readonly set: CompiledFeatureSet,
    private readonly store: OnlineStore,
    private readonly pseudonymiser: Pseudonymiser,
    private readonly now: () => number,
  ) {
    this.entities = set.plan.entities.map(({ name }) => name);
    this.offsets = layoutOf(set.plan).offsets;
  }

  /**
   * The vector of a payment as of its time, at the latest now, this payment not among the events.
   * @param asked entities whose windows are read; the others count as absent. None stands for all
   * @throws {Fault} `invalid_request` for another set or an unknown entity; `dependency_unavailable`
   */
  async read(setName: string, payment: Payment, asked: string[]): Promise<FeatureVector> {
    requireServed(setName, this.set.name, 'featureSet');
    this.requireEntities(asked);
    const pseudonymous = this.pseudonymiser.payment(payment);
    const { values } = await this.store.observe({
      eventId: pseudonymous.endToEndId,
      atMs: Math.min(pseudonymous.acceptedAtMs, this.now()),
      amountCents: pseudonymous.amountCents,
      observe: false,
      peek: true,
      entities: this.set
        .entitiesOf(pseudonymous)
        .map((entity, index) => (asked.length === 0 || asked.includes(this.entities[index]!) ? entity : null)),
    });
    const vector = this.set.vectorOf(pseudonymous, values);
    return {
      featureSet: { name: this.set.name, hash: this.set.hash },
      features: this.set.features.map((name, index) => ({ name, value: nullIfMissing(vector[index]!) })),
      entities: this.statesIn(values),
    };
  }

  private requireEntities(asked: string[]): void {
    if (asked.every((name) => this.entities.includes(name))) return;
    const known = this.entities.join(', ');
    throw new Fault('invalid_request', {
      detail: `Feature set ${this.set.name} has no such entity. It has ${known}; leave entities out to read all.`,
      errors: [{ field: 'entities', message: `must be of ${known}` }],
    });
  }

  private statesIn(values: Float64Array): FeatureVector['entities'] {
    return this.entities.flatMap((name, index) => {
      const atMs = values[this.offsets[index]! + AT]!;
      const position = values[this.offsets[index]! + POSITION]!;
      return Number.isNaN(atMs) ? [] : [{ name, at: new Date(atMs).toISOString(), position }];
    });
  }
}

const nullIfMissing = (value: number): number | null => (Number.isNaN(value) ? null : value);
