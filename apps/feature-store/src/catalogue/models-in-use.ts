import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleManifest, type BundleManifest } from '@vigia/contracts';

/** Manifests of the bundles at these `file:` addresses, as they lie there now; those that can't be read are left out. */
export async function modelsInUse(
  uris: string[],
  onUnreadable: (uri: string, error: unknown) => void,
): Promise<BundleManifest[]> {
  const manifests = await Promise.all(
    uris.map(async (uri) => {
      try {
        return bundleManifest.parse(JSON.parse(await readFile(join(directoryOf(uri), 'bundle.json'), 'utf8')));
      } catch (error) {
        onUnreadable(uri, error);
        return null;
      }
    }),
  );
  return manifests.filter((manifest) => manifest !== null);
}

function directoryOf(uri: string): string {
  return uri.startsWith('file://') ? fileURLToPath(uri) : resolve(uri.slice('file:'.length));
}
