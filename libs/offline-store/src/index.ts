export { OfflineStore, type ComputedVector, type Limits, type Step } from './offline-store.js';
export { EventLoader } from './event-loader.js';
export { writeTrainingSet, type TrainingSetOptions } from './training-set.js';
