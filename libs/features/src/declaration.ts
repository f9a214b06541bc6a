import type { Expression } from './expression.js';
import type { Aggregation, AggregateFeature, ComputedFeature } from './feature-set.js';
import type { Window } from './plan.js';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `'10m'`, `'1h'`, `'30d'` in ms. */
export function duration(text: string): number {
  const match = /^([1-9][0-9]*)([mhd])$/.exec(text);
  if (!match) throw new Error(`${text} is no duration; write a number and m, h or d, as 10m`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

export function window(length: string, delay?: string): Window {
  return { lengthMs: duration(length), delayMs: delay ? duration(delay) : 0 };
}

export function computed(
  name: string,
  description: string,
  unit: string,
  reason: string,
  expression: Expression,
): ComputedFeature {
  return { kind: 'computed', name, description, unit, reason, expression };
}

const WORDS: Record<Aggregation, { name: string; unit: string; text: string }> = {
  count: { name: 'count', unit: '', text: 'payments' },
  sum: { name: 'sum', unit: 'R$', text: 'total amount' },
  mean: { name: 'mean', unit: 'R$', text: 'mean amount' },
  standard_deviation: { name: 'std', unit: 'R$', text: 'standard deviation of the amount' },
  maximum: { name: 'max', unit: 'R$', text: 'greatest amount' },
  minimum: { name: 'min', unit: 'R$', text: 'least amount' },
  distinct_counterparties: { name: 'distinct', unit: '', text: 'different counterparties' },
  labelled_count: { name: 'fraud_count', unit: '', text: 'payments known as fraud' },
  labelled_share: { name: 'fraud_share', unit: '0 to 1', text: 'share of payments known as fraud' },
  time_since_last: { name: 'since_last', unit: 's', text: 'time since the payment before' },
  age_of_first: { name: 'age', unit: 's', text: 'time since the first payment' },
};

/**
 * One aggregate of an entity: `payer_count_1h`. The window `'1d'` ends now and holds the current payment;
 * `'1d@7d'` ends 7 days ago.
 */
export function aggregate(entity: string, aggregation: Aggregation, span: string, reason: string): AggregateFeature {
  const [length, delay] = span.split('@') as [string, string | undefined];
  const words = WORDS[aggregation];
  const when = delay ? `the ${length} that ended ${delay} ago` : `the last ${length}`;
  return {
    kind: 'aggregate',
    name: `${entity}_${words.name}_${length}`,
    description: `${entity.replaceAll('_', ' ')}: ${words.text} within ${when}`,
    unit: words.unit,
    reason,
    entity,
    aggregation,
    window: window(length, delay),
  };
}
