export { dropState, type Dropped, type DropOptions } from './drop-state.js';
export { functionSource } from './function-source.js';
export { Inspection, type HotEntity, type OnlineView, type StateView } from './inspection.js';
export {
  OnlineStore,
  type Labelling,
  type LabelResult,
  type Observation,
  type OnlineStoreOptions,
} from './online-store.js';
export type { EntityRequest, LabelRequest, ObserveRequest } from './wire.js';
export { Rebuild, type PastCall, type Rebuilt, type RebuildOptions } from './rebuild.js';
