import type { PseudonymousPayment } from '@vigia/contracts';
import {
  FIELDS,
  readField,
  type AggregateFeature,
  type Expression,
  type FeatureSet,
  type FieldName,
} from '@vigia/features';

interface Event {
  id: string;
  timeMs: number;
  amountCents: number;
  counterparty: string | null;
  fraud: boolean;
}

interface Log {
  clockMs: number;
  events: Event[];
}

interface Read {
  atMs: number;
  events: Event[];
  /** Time of the event before this touch. */
  previousMs: number;
}

const IDENTITY: Record<string, (p: PseudonymousPayment) => string | null> = {
  payer: (p) => p.payer.person,
  payee: (p) => p.payee.person,
  device: (p) => p.device?.id ?? null,
};

/** A feature set as its definition reads: every event kept, every number counted anew, expressions interpreted. */
export class BruteForce {
  private readonly logs = new Map<string, Log>();

  constructor(private readonly set: FeatureSet) {}

  /** The vector of a payment at its arrival, null where it is not wanted; a repeat must not come here. */
  payment(payment: PseudonymousPayment, wanted: boolean): Float32Array | null {
    const reads = new Map(this.set.entities.map((entity) => [entity.name, this.touch(entity, payment)]));
    if (!wanted) return null;
    const values = new Map<string, number>();
    for (const feature of this.set.features) {
      const value =
        feature.kind === 'aggregate'
          ? aggregateOf(feature, reads.get(feature.entity) ?? null)
          : interpret(feature.expression, payment, values);
      values.set(feature.name, value);
    }
    return Float32Array.from(values.values(), (value) => (Number.isFinite(Math.fround(value)) ? value : NaN));
  }

  label(endToEndId: string, fraud: boolean): void {
    for (const { events } of this.logs.values()) {
      for (const event of events) if (event.id === endToEndId) event.fraud = fraud;
    }
  }

  private touch(entity: FeatureSet['entities'][number], payment: PseudonymousPayment): Read | null {
    const parts = entity.key.map((name) => IDENTITY[name]!(payment));
    if (parts.includes(null)) return null;
    const name = `${entity.readsStateOf ?? entity.name}:${parts.join('|')}`;
    const where = entity.where ? interpret(entity.where, payment, new Map()) : 1;
    const isEvent = entity.readsStateOf === undefined && payment.purpose !== 'REFU' && where === where && where !== 0;
    const log = this.logs.get(name) ?? { clockMs: payment.acceptedAtMs, events: [] };
    if (isEvent) this.logs.set(name, log);
    log.clockMs = Math.max(log.clockMs, payment.acceptedAtMs);
    const previousMs = log.events.at(-1)?.timeMs ?? -Infinity;
    if (isEvent) {
      log.events.push({
        id: payment.endToEndId,
        timeMs: log.clockMs,
        amountCents: payment.amountCents,
        counterparty: entity.counterparty ? IDENTITY[entity.counterparty]!(payment) : null,
        fraud: false,
      });
    }
    return { atMs: log.clockMs, events: log.events, previousMs };
  }
}

function aggregateOf({ aggregation, window }: AggregateFeature, read: Read | null): number {
  if (!read) return NaN;
  const { atMs, previousMs } = read;
  const toMs = atMs - window.delayMs;
  const inside = read.events.filter(({ timeMs }) => timeMs > toMs - window.lengthMs && timeMs <= toMs);
  const amounts = inside.map(({ amountCents }) => amountCents);
  const n = inside.length;
  const sum = amounts.reduce((total, amount) => total + BigInt(amount), 0n);
  const frauds = inside.filter(({ fraud }) => fraud).length;
  switch (aggregation) {
    case 'count':
      return n;
    case 'sum':
      return Number(sum) / 100;
    case 'mean':
      return n > 0 ? Number(sum) / n / 100 : NaN;
    case 'standard_deviation': {
      const squares = amounts.reduce((total, amount) => total + BigInt(amount) ** 2n, 0n);
      return n > 1 ? Math.sqrt(Number(BigInt(n) * squares - sum * sum) / (n * (n - 1))) / 100 : NaN;
    }
    case 'maximum':
      return n > 0 ? amounts.reduce((a, b) => Math.max(a, b)) / 100 : NaN;
    case 'minimum':
      return n > 0 ? amounts.reduce((a, b) => Math.min(a, b)) / 100 : NaN;
    case 'distinct_counterparties':
      return new Set(inside.flatMap(({ counterparty }) => counterparty ?? [])).size;
    case 'labelled_count':
      return frauds;
    case 'labelled_share':
      return n > 0 ? frauds / n : 0;
    case 'time_since_last':
      return previousMs > atMs - window.lengthMs ? (atMs - previousMs) / 1000 : NaN;
    case 'age_of_first':
      return n > 0 ? (atMs - inside[0]!.timeMs) / 1000 : NaN;
  }
}

function interpret(expression: Expression, payment: PseudonymousPayment, features: Map<string, number>): number {
  const of = (inner: Expression): number => interpret(inner, payment, features);
  const number = (value: number): number => (Number.isFinite(value) ? value : NaN);
  const floor = (value: number): number => (Math.abs(value) < 2 ** 63 ? Math.floor(value) : NaN);
  switch (expression.op) {
    case 'constant':
      return expression.value;
    case 'field':
      return readField(FIELDS[expression.name as FieldName], payment);
    case 'feature':
      return features.get(expression.name)!;
    case 'when': {
      const condition = of(expression.condition);
      return Number.isNaN(condition) ? NaN : of(condition !== 0 ? expression.then : expression.otherwise);
    }
    case 'isNull':
      return Number(Number.isNaN(of(expression.of)));
    case 'not':
      return Number.isNaN(of(expression.of)) ? NaN : Number(of(expression.of) === 0);
    case 'floor':
      return floor(of(expression.of));
  }
  const [x, y] = [of(expression.left), of(expression.right)];
  if (expression.op === 'coalesce') return Number.isNaN(x) ? y : x;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  switch (expression.op) {
    case 'add':
      return number(x + y);
    case 'subtract':
      return number(x - y);
    case 'multiply':
      return number(x * y);
    case 'divide':
      return y === 0 ? NaN : number(x / y);
    case 'modulo':
      return y === 0 ? NaN : number(x - y * floor(x / y));
    case 'greater':
      return Number(x > y);
    case 'atLeast':
      return Number(x >= y);
    case 'equal':
      return Number(x === y);
    case 'and':
      return Number(x !== 0 && y !== 0);
    case 'or':
      return Number(x !== 0 || y !== 0);
  }
}
