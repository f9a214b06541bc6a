export { BundleRefused } from './bundle-refused.js';
export { type Score } from './batcher.js';
export { ModelClosed, loadBundle, type Contribution, type FeatureSetIdentity, type Model } from './model.js';
export { ModelSlot } from './model-slot.js';
export { parseModelUri, type ModelUri } from './model-uri.js';
export { reasonsOf, type ReasonText } from './reasons.js';
