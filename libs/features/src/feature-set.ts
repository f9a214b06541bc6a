import { createHash } from 'node:crypto';
import type { PseudonymousPayment } from '@vigia/contracts';
import type { Expression } from './expression.js';
import type { Window } from './plan.js';

/** Aggregations over an entity's past. Money comes out in reais, times in seconds. */
export type Aggregation =
  | 'count'
  | 'sum'
  | 'mean'
  | 'standard_deviation'
  | 'maximum'
  | 'minimum'
  | 'distinct_counterparties'
  /** Events in the window labelled as fraud by now. */
  | 'labelled_count'
  /** Their share of the window's events; 0 for an empty window, as the Fraud Detection Handbook has it. */
  | 'labelled_share'
  /** Seconds since the event before this one; null where the window has no other. */
  | 'time_since_last'
  /** Seconds since the window's oldest event. */
  | 'age_of_first';

/** Who a log belongs to. A part of the key that a payment lacks leaves the entity out. */
export interface Entity {
  name: string;
  key: IdentityName[];
  /** Whose number is counted by `distinct_counterparties`. */
  counterparty?: IdentityName;
  /** Reads the log of another entity under this one's key, and adds nothing to it. */
  readsStateOf?: string;
  /** Only payments for which this is neither 0 nor null are events of the entity; the others read its log alone. */
  where?: Expression;
}

interface Described {
  name: string;
  description: string;
  unit: string;
  /** Key into the set's {@link FeatureSet.reasons}. */
  reason: string;
}

export interface ComputedFeature extends Described {
  kind: 'computed';
  expression: Expression;
}

export interface AggregateFeature extends Described {
  kind: 'aggregate';
  entity: string;
  aggregation: Aggregation;
  window: Window;
}

/** A feature is data: every engine is compiled from this. Computed ones may name fields and earlier features. */
export type Feature = ComputedFeature | AggregateFeature;

export interface FeatureSet {
  name: string;
  /** Team that answers for it. */
  owner: string;
  entities: Entity[];
  features: Feature[];
  /** Texts of the reason codes, for the customer and the analyst. */
  reasons: Record<string, { pt: string; en: string }>;
}

export const DAY_MS = 86_400_000;
/** Brasília is UTC-3 all year since 2019 (Decreto 9.772/2019). */
export const BRASILIA_OFFSET_MS = 3 * 3_600_000;

const localDay = (payment: PseudonymousPayment): number =>
  Math.floor((payment.acceptedAtMs - BRASILIA_OFFSET_MS) / DAY_MS);

/** Strings that keys are made of; null leaves the entity out. */
export const IDENTITIES = {
  payer: (p: PseudonymousPayment) => p.payer.person,
  payee: (p: PseudonymousPayment) => p.payee.person,
  device: (p: PseudonymousPayment) => p.device?.id ?? null,
  unregistered_device: (p: PseudonymousPayment) => (p.device?.registered === false ? p.device.id : null),
  local_day: (p: PseudonymousPayment) => String(localDay(p)),
  natural_payer: (p: PseudonymousPayment) => (p.payer.legalPerson ? null : p.payer.person),
  /** The local day on which the night 20h-06h began (Resolução BCB 142/2021); null by day. */
  night: (p: PseudonymousPayment) => nightOf(p),
} as const satisfies Record<string, (payment: PseudonymousPayment) => string | null>;
export type IdentityName = keyof typeof IDENTITIES;

function nightOf(payment: PseudonymousPayment): string | null {
  const shifted = payment.acceptedAtMs - BRASILIA_OFFSET_MS;
  const hour = Math.floor((((shifted % DAY_MS) + DAY_MS) % DAY_MS) / 3_600_000);
  if (hour >= 6 && hour < 20) return null;
  return String(hour < 6 ? localDay(payment) - 1 : localDay(payment));
}

/** Returns (Purp REFU, IPRT) are read but never observed: they are no habit (DICT manual, MED). */
export function isObserved({ purpose }: PseudonymousPayment): boolean {
  return purpose !== 'REFU' && purpose !== 'IPRT';
}

/** SHA-256 (hex) of what the numbers depend on: entities and features without their prose. */
export function hashOf(set: FeatureSet): string {
  const meaning = {
    entities: set.entities,
    features: set.features.map((feature) =>
      feature.kind === 'computed'
        ? { name: feature.name, expression: feature.expression }
        : { name: feature.name, entity: feature.entity, aggregation: feature.aggregation, window: feature.window },
    ),
  };
  return createHash('sha256').update(canonicalJson(meaning)).digest('hex');
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
