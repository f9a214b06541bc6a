import { stateOf, type Expression, type FeatureSet, type OnlinePlan } from '@vigia/features';

/** What a feature is made of, features that it names included. */
export interface Dependencies {
  /** Indexes of the plan's entities. */
  entities: number[];
  /** How far back its windows reach, delay included. */
  reachMs: number;
  /** Counts frauds: it changes when a label arrives. */
  usesLabels: boolean;
  /** Is a mean or a standard deviation, or computed from one. */
  isRounded: boolean;
}

const NOTHING: Dependencies = { entities: [], reachMs: 0, usesLabels: false, isRounded: false };

/** In the order of the set's features. */
export function dependenciesOf(set: FeatureSet): Dependencies[] {
  const known = new Map<string, Dependencies>();
  return set.features.map((feature) => {
    const own: Dependencies =
      feature.kind === 'computed'
        ? union(featuresIn(feature.expression).map((name) => known.get(name)!))
        : {
            entities: [set.entities.findIndex(({ name }) => name === feature.entity)],
            reachMs: feature.window.lengthMs + feature.window.delayMs,
            usesLabels: ['labelled_count', 'labelled_share'].includes(feature.aggregation),
            isRounded: ['mean', 'standard_deviation'].includes(feature.aggregation),
          };
    known.set(feature.name, own);
    return own;
  });
}

export function union(dependencies: Dependencies[]): Dependencies {
  return dependencies.reduce(
    (all, one) => ({
      entities: [...new Set([...all.entities, ...one.entities])],
      reachMs: Math.max(all.reachMs, one.reachMs),
      usesLabels: all.usesLabels || one.usesLabels,
      isRounded: all.isRounded || one.isRounded,
    }),
    NOTHING,
  );
}

/** How far back the windows of one entity of a plan reach, or of all. */
export function reachMsOf(plan: OnlinePlan, entity?: number): number {
  const states = entity === undefined ? plan.states : [stateOf(plan, plan.entities[entity]!)];
  const ends = states.flatMap(({ windows }) => windows.map(({ lengthMs, delayMs }) => lengthMs + delayMs));
  return Math.max(0, ...ends);
}

function featuresIn(expression: Expression): string[] {
  if (expression.op === 'feature') return [expression.name];
  if (expression.op === 'when') {
    return [expression.condition, expression.then, expression.otherwise].flatMap(featuresIn);
  }
  if ('of' in expression) return featuresIn(expression.of);
  return 'left' in expression ? [expression.left, expression.right].flatMap(featuresIn) : [];
}
