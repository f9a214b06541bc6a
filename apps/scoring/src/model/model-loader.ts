import type { CompiledFeatureSet } from '@vigia/features';
import { loadBundle, resolveModelUri, type Model } from '@vigia/model';
import type { Logger } from '@vigia/platform';

/**
 * Opens the bundle that `uri` names. A bundle that is refused is no reason to refuse payments: the policy decides
 * alone, every answer says so, and the log says why.
 */
export async function openModel(uri: string, set: CompiledFeatureSet, logger: Logger): Promise<Model | null> {
  if (uri === '') {
    logger.warn('MODEL_URI is empty: the policy decides without a model');
    return null;
  }
  try {
    const model = await loadBundle(resolveModelUri(uri, process.cwd()), { featureSet: set });
    logger.info({ model: model.manifest.name, version: model.manifest.version }, 'model loaded');
    return model;
  } catch (error) {
    logger.error({ err: error, modelUri: uri }, 'the model bundle is refused: the policy decides without a model');
    return null;
  }
}
