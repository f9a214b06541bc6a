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
export { type Expression } from './expression.js';
export { FIELDS, readField, type Field, type FieldName } from './fields.js';
export {
  canonicalJson,
  hashOf,
  type AggregateFeature,
  type Aggregation,
  type ComputedFeature,
  type Entity,
  type Feature,
  type FeatureSet,
} from './feature-set.js';
export { onlinePlanOf } from './online-plan.js';
export { compileFeatureSet, type CompiledFeatureSet, type EntityTouch } from './vector.js';
export { PIX } from './pix.js';
export { HANDBOOK } from './handbook.js';
export { LABEL_COLUMNS, eventColumns, eventReader, type EventColumn } from './event-table.js';
export { eventSql } from './event-sql.js';
export { featureSql } from './sql.js';
export type { DialectName } from './sql-dialect.js';
export { describeFeatures, nullMeaning, type FeatureDescription } from './catalogue.js';
