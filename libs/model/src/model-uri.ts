import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Directory of the bundle that `MODEL_URI` names: `file:PATH`, relative to `base`, or `file:///PATH`.
 * @throws {Error} with the remedy: another scheme, or `models:/...`, which needs a registry
 */
export function resolveModelUri(uri: string, base: string): string {
  if (uri.startsWith('models:/')) {
    throw new Error(
      `MODEL_URI ${uri} names a model of the registry, and no registry client is configured: ` +
        'fetch the bundle and set MODEL_URI to file:PATH.',
    );
  }
  if (uri.startsWith('file://')) return fileURLToPath(uri);
  const path = uri.startsWith('file:') ? uri.slice('file:'.length) : '';
  if (path === '') throw new Error(`MODEL_URI ${JSON.stringify(uri)} is not of the form file:PATH.`);
  return resolve(base, path);
}
