export { ModelRegistry, type Alias, type RegistryOptions, type RunEnd } from './model-registry.js';
export { JOB_TAG, type GateState, type RegisteredVersion } from './registered-version.js';
