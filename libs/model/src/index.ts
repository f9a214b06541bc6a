export { BundleRefused } from './bundle-refused.js';
export { type Score } from './batcher.js';
export { ModelClosed, loadBundle, type Contribution, type FeatureSetIdentity, type Model } from './model.js';
