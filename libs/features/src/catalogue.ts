import type { PseudonymousPayment } from '@vigia/contracts';
import { namesIn, type Expression } from './expression.js';
import {
  hashOf,
  type AggregateFeature,
  type Aggregation,
  type Feature,
  type FeatureSet,
  type IdentityName,
} from './feature-set.js';
import { FIELDS, readField, type FieldName } from './fields.js';
import type { Window } from './plan.js';

/** What a reader of a feature must know. */
export interface FeatureDescription {
  name: string;
  description: string;
  type: 'float32';
  /** As `R$`; empty for plain numbers. */
  unit: string;
  /** Entity, aggregation and window of an aggregate; null for a feature that is computed. */
  entity: string | null;
  aggregation: Aggregation | null;
  window: Window | null;
  /** Fields of the payment and earlier features that it is computed from. */
  fields: string[];
  features: string[];
  /** When the value is missing, as a clause: `the payment names no device, or ...`; `never`. */
  nullWhen: string;
  reason: string;
  owner: string;
  /** First 12 hex digits of the set's hash. */
  version: string;
}

/** All features of a set, in its order. */
export function describeFeatures(set: FeatureSet): FeatureDescription[] {
  const version = hashOf(set).slice(0, 12);
  return set.features.map((feature) => {
    const aggregate = feature.kind === 'aggregate' ? feature : null;
    const inputs = feature.kind === 'computed' ? namesIn(feature.expression) : { fields: [], features: [] };
    return {
      name: feature.name,
      description: feature.description,
      type: 'float32',
      unit: feature.unit,
      entity: aggregate?.entity ?? null,
      aggregation: aggregate?.aggregation ?? null,
      window: aggregate?.window ?? null,
      fields: [...new Set(inputs.fields)],
      features: [...new Set(inputs.features)],
      nullWhen: nullMeaning(set, feature),
      reason: feature.reason,
      owner: set.owner,
      version,
    };
  });
}

/** When the value of a feature is missing, from its declaration: `never`, or clauses joined by `or`. */
export function nullMeaning(set: FeatureSet, feature: Feature): string {
  const causes =
    feature.kind === 'aggregate' ? causesOfAggregate(set, feature) : [...causesIn(set, feature.expression)];
  return causes.length === 0 ? 'never' : causes.join(', or ');
}

/** What a window must hold for the aggregation to have a value; null where an empty one has its number too. */
const NEEDS: Record<Aggregation, string | null> = {
  count: null,
  sum: null,
  mean: 'no payment is in the window',
  standard_deviation: 'fewer than two payments are in the window',
  maximum: 'no payment is in the window',
  minimum: 'no payment is in the window',
  distinct_counterparties: null,
  labelled_count: null,
  labelled_share: null,
  time_since_last: 'no payment before is in the window',
  age_of_first: 'no payment is in the window',
};

/** Why a part of a key may be missing; null where every payment has it. */
const ABSENCE: Record<IdentityName, string | null> = {
  payer: null,
  payee: null,
  device: 'the payment names no device',
  unregistered_device: 'no device is said to be unregistered',
  local_day: null,
  natural_payer: 'the payer is a company',
  night: 'it is not night',
};

function causesOfAggregate(set: FeatureSet, { name, entity, aggregation }: AggregateFeature): string[] {
  const declared = set.entities.find((each) => each.name === entity);
  if (!declared) throw new Error(`feature ${name}: feature set ${set.name} has no entity ${entity}`);
  const absences = declared.key.map((part) => ABSENCE[part]);
  return [...absences, NEEDS[aggregation], 'the online store was away'].filter((cause) => cause !== null);
}

/** Follows the rules of the expression language, see expression.ts; a number too great for a double is left aside. */
function causesIn(set: FeatureSet, expression: Expression): Set<string> {
  const within = (...parts: Expression[]): Set<string> => new Set(parts.flatMap((part) => [...causesIn(set, part)]));
  switch (expression.op) {
    case 'constant':
    case 'isNull':
      return new Set();
    case 'field':
      return new Set(isAlwaysThere(expression.name as FieldName) ? [] : [`\`${expression.name}\` is absent`]);
    case 'feature': {
      const named = set.features.find(({ name }) => name === expression.name);
      return new Set(named && nullMeaning(set, named) === 'never' ? [] : [`\`${expression.name}\` is null`]);
    }
    case 'when':
      return within(expression.condition, expression.then, expression.otherwise);
    case 'coalesce':
      return within(expression.right).size === 0 ? new Set() : within(expression.left, expression.right);
    case 'divide':
    case 'modulo':
      return new Set([...within(expression.left, expression.right), ...zeroOf(expression.right)]);
    default:
      return 'of' in expression ? within(expression.of) : within(expression.left, expression.right);
  }
}

function zeroOf(divisor: Expression): string[] {
  if (divisor.op === 'constant' && divisor.value !== 0) return [];
  if (divisor.op === 'feature' || divisor.op === 'field') return [`\`${divisor.name}\` is 0`];
  return ['it divides by 0'];
}

const PARTY = {
  person: '',
  account: '',
  accountType: 'CACC' as const,
  ispb: '',
  legalPerson: false,
  taxIdValid: true,
};

/** A payment with nothing that may be absent. */
const BARE: PseudonymousPayment = {
  endToEndId: 'E00000000202611202315aaaaaaaaaaa',
  side: 'payer',
  amountCents: 1,
  acceptedAtMs: 0,
  initiationForm: 'MANU',
  purpose: 'IPAY',
  priority: 'PAGPRI',
  hasTxId: false,
  hasRemittanceInformation: false,
  payer: PARTY,
  payee: PARTY,
};

const isAlwaysThere = (name: FieldName): boolean => !Number.isNaN(readField(FIELDS[name], BARE));
