import type { CompiledFeatureSet } from '@vigia/features';
import { loadBundle, type ModelSlot, type ModelUri } from '@vigia/model';
import type { Logger } from '@vigia/platform';
import { ModelRegistry, credentialsOf } from '@vigia/registry';
import type { ScoringConfig } from '../config.js';
import { BundleCache } from './bundle-cache.js';
import { LiveModels, type ModelRole } from './live-models.js';
import { ModelFollower } from './model-follower.js';
import type { ModelMetrics } from './model-metrics.js';

const START_PATIENCE_MS = 10_000;

interface Surroundings {
  set: CompiledFeatureSet;
  metrics: ModelMetrics;
  logger: Logger;
}

export interface OpenModels {
  models: LiveModels;
  /** Those of the roles whose URI names the registry. */
  followers: ModelFollower[];
}

/**
 * Opens the models that the settings name, and follows those of the registry. That none can be had is no reason to refuse
 * payments: the policy decides alone, every answer says so, and the log says why.
 */
export async function openModels(config: ScoringConfig, { set, metrics, logger }: Surroundings): Promise<OpenModels> {
  const models = new LiveModels(config.canaryShare);
  const parts = {
    registry: new ModelRegistry({ url: config.mlflowUrl, ...credentialsOf(config) }),
    cache: new BundleCache(config.modelCacheDirectory, set),
    pollMs: config.modelPollSeconds * 1_000,
    patienceMs: START_PATIENCE_MS,
    metrics,
    logger,
  };
  const open = async (role: ModelRole, uri: ModelUri | null, slot: ModelSlot): Promise<ModelFollower | null> => {
    if (uri === null) return null;
    if (uri.kind !== 'file') return ModelFollower.start(role, uri, slot, parts);
    try {
      const model = await loadBundle(uri.directory, { featureSet: set });
      metrics.live(role, null, model.manifest);
      logger.info({ role, model: model.manifest.name, version: model.manifest.version }, 'model is live');
      await slot.swap(model);
    } catch (error) {
      metrics.refused(role);
      logger.error({ err: error, role, modelUri: uri }, 'the model bundle is refused');
    }
    return null;
  };
  const followers = await Promise.all([
    open('champion', config.modelUri, models.slots.champion),
    open('challenger', config.challengerUri, models.slots.challenger),
  ]);
  if (models.slots.champion.current() === null) logger.warn('there is no model: the policy decides alone');
  return { models, followers: followers.filter((follower) => follower !== null) };
}
