/**
 * The online plan of a feature set: which logs are kept per entity, and which of them a payment reads and adds to.
 * The server-side function in libs/online-store runs it; `slot` says where each number of its answer lies.
 */

/** Events with t - delayMs - lengthMs < time <= t - delayMs. Without delay the current event is inside. */
export interface Window {
  lengthMs: number;
  delayMs: number;
}

/** A log of events per entity and the aggregates kept over it. Only windows without delay may have extremes and distinct. */
export interface StatePlan {
  /** `payer`, `payee`, ...: part of the key in the store. */
  name: string;
  /** At most 8. */
  windows: Window[];
  /** Keep the greatest amount per window. */
  maximum: boolean;
  /** Keep the least amount per window. */
  minimum: boolean;
  /** Keep the number of distinct counterparties per window. */
  distinct: boolean;
  /** Keep the exact sum of squared amounts per window, for the standard deviation. */
  squares: boolean;
  /** Events may be labelled as fraud later; keep their number per window. */
  labels: boolean;
}

/** One read of a payment: `payee_as_payer` reads the state `payer` under the payee's key and adds nothing. */
export interface EntityPlan {
  name: string;
  /** Index into {@link OnlinePlan.states}. */
  state: number;
  /** Adds the payment to the log before it reads. */
  observe: boolean;
}

export interface OnlinePlan {
  /** First 12 hex digits of the feature set's hash: part of every key, so that two versions serve side by side. */
  id: string;
  states: StatePlan[];
  entities: EntityPlan[];
}

/** Per window. `squaresHigh * 2^40 + squaresLow` is the exact sum of squares in cents². `oldest` in ms, 0 when empty. */
export type Statistic =
  'count' | 'sum' | 'oldest' | 'squaresHigh' | 'squaresLow' | 'maximum' | 'minimum' | 'distinct' | 'labelled';

/** Statistics of one window of this state, in the order in which the function answers them. */
export function statisticsOf(state: StatePlan): Statistic[] {
  return [
    'count',
    'sum',
    'oldest',
    ...(state.squares ? (['squaresHigh', 'squaresLow'] as const) : []),
    ...(state.maximum ? (['maximum'] as const) : []),
    ...(state.minimum ? (['minimum'] as const) : []),
    ...(state.distinct ? (['distinct'] as const) : []),
    ...(state.labels ? (['labelled'] as const) : []),
  ];
}

/**
 * Before the windows of each entity stand three numbers:
 * `at`, the moment the entity was read as of, ms: the payment's time, or the entity's clock where that was later;
 * `position`, how many events the log has ever had, this one included; `previous`, the time of the event before, 0 if none.
 */
export const HEADER = ['at', 'position', 'previous'] as const;
export type HeaderSlot = (typeof HEADER)[number];

/** Numbers that one entity answers. */
export function widthOf(state: StatePlan): number {
  return HEADER.length + state.windows.length * statisticsOf(state).length;
}

/** Where the entities of a plan begin in the answer, and its whole length. */
export function layoutOf(plan: OnlinePlan): { offsets: number[]; length: number } {
  const offsets: number[] = [];
  let length = 0;
  for (const entity of plan.entities) {
    offsets.push(length);
    length += widthOf(stateOf(plan, entity));
  }
  return { offsets, length };
}

/** Index of one statistic of one window within the answer. */
export function slot(plan: OnlinePlan, entity: number, window: number, statistic: Statistic): number {
  const state = stateOf(plan, plan.entities[entity]!);
  const statistics = statisticsOf(state);
  const at = statistics.indexOf(statistic);
  if (at < 0) throw new Error(`state ${state.name} keeps no ${statistic}`);
  return layoutOf(plan).offsets[entity]! + HEADER.length + window * statistics.length + at;
}

export function stateOf(plan: OnlinePlan, entity: EntityPlan): StatePlan {
  return plan.states[entity.state]!;
}
