import { layoutOf, stateOf, widthOf, type OnlinePlan } from '@vigia/features';
import { writeFingerprint } from './fingerprint.js';

/** One entity of a payment: the key is a pseudonym, the counterparty too, null where the payment has none. */
export interface EntityRequest {
  key: string;
  counterparty: string | null;
  /** False where the payment is no event of this entity: its log is read alone. */
  adds?: boolean;
}

export interface ObserveRequest {
  /** The payment's EndToEndId: the event is added once, however often it comes within the idempotency time. */
  eventId: string;
  atMs: number;
  amountCents: number;
  /** False reads as of `atMs` and adds nothing; the entities' clocks move on all the same. */
  observe: boolean;
  /** Reads and changes nothing at all, not even a clock. Default false. */
  peek?: boolean;
  /** In the order of the plan's entities; null where the payment has no such entity. */
  entities: (EntityRequest | null)[];
}

export interface LabelRequest {
  eventId: string;
  /** The payment's own time, also where it was taken late. */
  atMs: number;
  fraud: boolean;
  entities: (EntityRequest | null)[];
}

const DOUBLE = 8;
const OBSERVE_HEAD = 33;
const LABEL_HEAD = 17;
const [READ, ADD, PEEK] = [0, 1, 2];
/** Bit of an entity's index: the payment is an event of it. */
const IS_EVENT = 0x80;

/** Entities that the payment has. */
export function presentIndexes(entities: readonly (EntityRequest | null)[]): number[] {
  const present: number[] = [];
  for (let i = 0; i < entities.length; i++) if (entities[i]) present.push(i);
  return present;
}

/** Entities of the payment that it may be an event of and that keep labels. */
export function labelledIndexes(plan: OnlinePlan, entities: readonly (EntityRequest | null)[]): number[] {
  return presentIndexes(entities).filter((i) => {
    const entity = plan.entities[i]!;
    return entity.observe && stateOf(plan, entity).labels;
  });
}

/** The argument of `observe` for the entities at these indexes of the plan: see function-source.ts for the bytes. */
export function packObserve(
  plan: OnlinePlan,
  request: ObserveRequest,
  indexes: readonly number[],
  idempotencyMs: number,
): Buffer {
  const bytes = Buffer.allocUnsafe(OBSERVE_HEAD + 9 * indexes.length);
  bytes.writeDoubleLE(request.atMs, 0);
  bytes.writeDoubleLE(request.amountCents, 8);
  writeFingerprint(request.eventId, bytes, 16);
  bytes.writeDoubleLE(idempotencyMs, 24);
  bytes[32] = request.peek ? PEEK : request.observe ? ADD : READ;
  let offset = OBSERVE_HEAD;
  for (const index of indexes) {
    const { counterparty, adds } = request.entities[index]!;
    bytes[offset] = plan.entities[index]!.observe && adds !== false ? index | IS_EVENT : index;
    if (counterparty === null) bytes.fill(0, offset + 1, offset + 9);
    else writeFingerprint(counterparty, bytes, offset + 1);
    offset += 9;
  }
  return bytes;
}

/** The argument of `label` for the entities at these indexes of the plan. */
export function packLabel(request: LabelRequest, indexes: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(LABEL_HEAD + indexes.length);
  bytes.writeDoubleLE(request.atMs, 0);
  writeFingerprint(request.eventId, bytes, 8);
  bytes[16] = request.fraud ? 1 : 0;
  indexes.forEach((index, i) => (bytes[LABEL_HEAD + i] = index));
  return bytes;
}

/** Whether the call that answered this added the event. */
export function isFirst(reply: Buffer): boolean {
  return reply.readDoubleLE(0) === 1;
}

/** Server time at which the call was run, microseconds since 1970: the order in which events reached the windows. */
export function arrivedUsOf(reply: Buffer): number {
  return reply.readDoubleLE(DOUBLE);
}

/** The same of a label. */
export function labelledUsOf(reply: Buffer): number {
  return reply.readDoubleLE(0);
}

/** What became of the label in each entity of the call, as the function says it; its time stands before. */
export function labelCodes(reply: Buffer): Int8Array {
  return new Int8Array(reply.buffer, reply.byteOffset + DOUBLE, reply.length - DOUBLE);
}

/** Where the numbers of a plan's entities lie. */
export class Answer {
  private readonly offsets: number[];
  private readonly widths: number[];
  private readonly length: number;

  constructor(plan: OnlinePlan) {
    const { offsets, length } = layoutOf(plan);
    this.offsets = offsets;
    this.length = length;
    this.widths = plan.entities.map((entity) => widthOf(stateOf(plan, entity)));
  }

  /** All numbers missing (NaN). */
  empty(): Float64Array<ArrayBuffer> {
    return new Float64Array(this.length).fill(NaN);
  }

  /** Copies a reply that holds these entities of the plan, in this order. Every platform of Node is little-endian. */
  fill(values: Float64Array<ArrayBuffer>, indexes: readonly number[], reply: Buffer): void {
    const bytes = new Uint8Array(values.buffer);
    let from = 2 * DOUBLE;
    for (const index of indexes) {
      const to = from + this.widths[index]! * DOUBLE;
      reply.copy(bytes, this.offsets[index]! * DOUBLE, from, to);
      from = to;
    }
  }
}
