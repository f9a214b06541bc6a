import type { PseudonymousPayment } from '@vigia/contracts';
import { AGGREGATIONS, type WindowSlots } from './aggregation.js';
import { compile } from './evaluation.js';
import type { Expression } from './expression.js';
import { IDENTITIES, hashOf, isObserved, type AggregateFeature, type FeatureSet } from './feature-set.js';
import { FIELDS, readField, type Field } from './fields.js';
import { onlinePlanOf, windowIndex } from './online-plan.js';
import { HEADER, layoutOf, stateOf, statisticsOf, type OnlinePlan, type Statistic } from './plan.js';

/** One entity of a payment, in the order of the plan; null where the payment lacks a part of its key. */
export interface EntityTouch {
  key: string;
  counterparty: string | null;
  /** The payment is an event of this entity; otherwise its log is read alone. */
  adds: boolean;
}

/** A feature set made ready to serve: what to touch, and the vector from what came back. */
export interface CompiledFeatureSet {
  name: string;
  /** SHA-256 of the declaration, hex. */
  hash: string;
  features: string[];
  plan: OnlinePlan;
  /** Keys of the plan's entities for this payment. */
  entitiesOf(payment: PseudonymousPayment): (EntityTouch | null)[];
  /** Whether the payment is added to the windows, see {@link isObserved}. */
  observes(payment: PseudonymousPayment): boolean;
  /**
   * The vector, float32, in the order of `features`; NaN is missing.
   * @param values the online store's answer, or null when it is away: aggregates are then missing
   */
  vectorOf(payment: PseudonymousPayment, values: Float64Array | null): Float32Array;
  indexOf(feature: string): number;
  /** Reason code and texts of each feature. */
  reasons: Record<string, { code: string; pt: string; en: string }>;
}

export function compileFeatureSet(set: FeatureSet): CompiledFeatureSet {
  const plan = onlinePlanOf(set);
  const names = set.features.map(({ name }) => name);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate) throw new Error(`feature set ${set.name}: feature ${duplicate} is declared twice`);
  const indexOf = (name: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`feature set ${set.name}: there is no feature ${name}`);
    return index;
  };
  const fields: Field[] = [];
  const fieldNames: string[] = [];
  const fieldIndex = (name: string): number => {
    if (!(name in FIELDS)) throw new Error(`feature set ${set.name}: there is no field ${name}`);
    if (!fieldNames.includes(name)) {
      fieldNames.push(name);
      fields.push(FIELDS[name as keyof typeof FIELDS]);
    }
    return fieldNames.indexOf(name);
  };
  const steps = set.features.map((feature, position) => {
    if (feature.kind === 'aggregate') {
      const read = AGGREGATIONS[feature.aggregation](slotsOf(set, plan, feature), feature.window);
      return (_: Float64Array, __: Float64Array, values: Float64Array | null) => (values ? read(values) : NaN);
    }
    return compile(feature.expression, fieldIndex, (name) => {
      const index = indexOf(name);
      if (index >= position) throw new Error(`feature ${feature.name} names ${name}, which is declared later`);
      return index;
    });
  });
  const fieldValues = new Float64Array(fields.length);
  const featureValues = new Float64Array(steps.length);
  return {
    name: set.name,
    hash: hashOf(set),
    features: names,
    plan,
    indexOf,
    reasons: reasonsOf(set),
    entitiesOf: entityReader(set),
    observes: isObserved,
    vectorOf(payment, values) {
      for (let i = 0; i < fields.length; i++) fieldValues[i] = readField(fields[i]!, payment);
      for (let i = 0; i < steps.length; i++) featureValues[i] = steps[i]!(fieldValues, featureValues, values);
      return Float32Array.from(featureValues, float32);
    },
  };
}

/** A number beyond float32 is missing, as one beyond a double is. */
function float32(value: number): number {
  const rounded = Math.fround(value);
  return rounded === Infinity || rounded === -Infinity ? NaN : rounded;
}

function reasonsOf(set: FeatureSet): CompiledFeatureSet['reasons'] {
  return Object.fromEntries(
    set.features.map(({ name, reason }) => {
      const texts = set.reasons[reason];
      if (!texts) throw new Error(`feature ${name}: feature set ${set.name} has no reason ${reason}`);
      return [name, { code: reason, ...texts }];
    }),
  );
}

function entityReader(set: FeatureSet): CompiledFeatureSet['entitiesOf'] {
  const readers = set.entities.map(({ key, counterparty, readsStateOf, where }) => ({
    parts: key.map((name) => IDENTITIES[name]),
    counterparty: counterparty ? IDENTITIES[counterparty] : null,
    adds: readsStateOf === undefined,
    where: where ? predicateOf(set, where) : null,
  }));
  return (payment) =>
    readers.map(({ parts, counterparty, adds, where }) => {
      let key = '';
      for (const part of parts) {
        const value = part(payment);
        if (value === null) return null;
        key = key === '' ? value : `${key}|${value}`;
      }
      return {
        key,
        counterparty: counterparty ? counterparty(payment) : null,
        adds: adds && (where === null || where(payment)),
      };
    });
}

/** Whether an expression over fields is neither 0 nor null. */
function predicateOf(set: FeatureSet, expression: Expression): (payment: PseudonymousPayment) => boolean {
  const fields: Field[] = [];
  const evaluate = compile(
    expression,
    (name) => {
      if (!(name in FIELDS)) throw new Error(`feature set ${set.name}: there is no field ${name}`);
      return fields.push(FIELDS[name as keyof typeof FIELDS]) - 1;
    },
    (name) => {
      throw new Error(`feature set ${set.name}: the condition of an entity names the feature ${name}, not a field`);
    },
  );
  return (payment) => {
    const value = evaluate(
      Float64Array.from(fields, (field) => readField(field, payment)),
      NOTHING,
    );
    return value === value && value !== 0;
  };
}

const NOTHING = new Float64Array(0);

function slotsOf(set: FeatureSet, plan: OnlinePlan, feature: AggregateFeature): WindowSlots {
  const entity = plan.entities.findIndex(({ name }) => name === feature.entity);
  if (entity < 0) throw new Error(`feature ${feature.name}: feature set ${set.name} has no entity ${feature.entity}`);
  const state = stateOf(plan, plan.entities[entity]!);
  const offset = layoutOf(plan).offsets[entity]!;
  const statistics = statisticsOf(state);
  const first = offset + HEADER.length + windowIndex(state, feature.window) * statistics.length;
  const of = (statistic: Statistic): number => first + statistics.indexOf(statistic);
  return {
    at: offset + HEADER.indexOf('at'),
    previous: offset + HEADER.indexOf('previous'),
    count: of('count'),
    sum: of('sum'),
    oldest: of('oldest'),
    squaresHigh: of('squaresHigh'),
    squaresLow: of('squaresLow'),
    maximum: of('maximum'),
    minimum: of('minimum'),
    distinct: of('distinct'),
    labelled: of('labelled'),
  };
}
