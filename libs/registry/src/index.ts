export { ModelRegistry, type Alias, type RegistryOptions, type RunEnd } from './model-registry.js';
export { credentialSettings, credentialsOf } from './credentials.js';
export { CAUSE_TAG, JOB_TAG, type GateState, type RegisteredVersion } from './registered-version.js';
export { BundleCache, type CachedBundle } from './bundle-cache.js';
export { keepNewest } from './retention.js';
