export {
  HEADER,
  layoutOf,
  slot,
  stateOf,
  statisticsOf,
  widthOf,
  type EntityPlan,
  type HeaderSlot,
  type OnlinePlan,
  type StatePlan,
  type Statistic,
  type Window,
} from './plan.js';
