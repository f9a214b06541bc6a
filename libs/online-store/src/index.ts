export { functionSource } from './function-source.js';
export { OnlineStore, type LabelResult, type Observation, type OnlineStoreOptions } from './online-store.js';
export type { EntityRequest, LabelRequest, ObserveRequest } from './wire.js';
