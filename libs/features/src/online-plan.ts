import type { Aggregation, AggregateFeature, FeatureSet } from './feature-set.js';
import { hashOf } from './feature-set.js';
import type { OnlinePlan, StatePlan, Window } from './plan.js';

const aggregatesOf = (set: FeatureSet): AggregateFeature[] => set.features.filter((f) => f.kind === 'aggregate');

/** Name of the log that an entity reads. */
export function stateNameOf(set: FeatureSet, entityName: string): string {
  const entity = set.entities.find(({ name }) => name === entityName);
  if (!entity) throw new Error(`feature set ${set.name}: there is no entity ${entityName}`);
  return entity.readsStateOf ?? entity.name;
}

/** Index of a window within its state; both sides agree on the order: by reach, then by delay. */
export function windowIndex(state: StatePlan, window: Window): number {
  return state.windows.findIndex((w) => w.lengthMs === window.lengthMs && w.delayMs === window.delayMs);
}

/**
 * Compiles a feature set to the plan of the server-side function: which windows and statistics each log keeps.
 * Throws for an unknown entity and for extremes or distinct counts over delayed windows, which no engine keeps.
 */
export function onlinePlanOf(set: FeatureSet): OnlinePlan {
  const names = [...new Set(set.entities.map(({ name }) => stateNameOf(set, name)))];
  const states = names.map((name) => stateOf(set, name));
  return {
    id: hashOf(set).slice(0, 12),
    states,
    entities: set.entities.map((entity) => ({
      name: entity.name,
      state: names.indexOf(stateNameOf(set, entity.name)),
      observe: entity.readsStateOf === undefined,
    })),
  };
}

const UNDELAYED: Aggregation[] = ['maximum', 'minimum', 'distinct_counterparties', 'time_since_last'];

function stateOf(set: FeatureSet, name: string): StatePlan {
  const features = aggregatesOf(set).filter((feature) => stateNameOf(set, feature.entity) === name);
  for (const { aggregation, window, name: featureName } of features) {
    if (window.delayMs > 0 && UNDELAYED.includes(aggregation))
      throw new Error(`feature ${featureName}: ${aggregation} is not kept over a delayed window`);
  }
  const windows = new Map(features.map(({ window }) => [`${window.lengthMs}-${window.delayMs}`, window]));
  const needs = (...wanted: Aggregation[]): boolean => features.some(({ aggregation }) => wanted.includes(aggregation));
  return {
    name,
    windows: [...windows.values()].sort(
      (a, b) => a.lengthMs + a.delayMs - (b.lengthMs + b.delayMs) || a.delayMs - b.delayMs,
    ),
    maximum: needs('maximum'),
    minimum: needs('minimum'),
    distinct: needs('distinct_counterparties'),
    squares: needs('standard_deviation'),
    labels: needs('labelled_count', 'labelled_share'),
  };
}
