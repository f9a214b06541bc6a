import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, bundleManifest, type BundleManifest } from '@vigia/contracts';
import type { ModelRegistry } from './model-registry.js';
import type { RegisteredVersion } from './registered-version.js';
import { keepNewest } from './retention.js';

/** Enough for those that are compared and judged; any other is fetched again. */
const KEPT_BUNDLES = 20;

export interface CachedBundle {
  directory: string;
  manifest: BundleManifest;
}

/** Bundles of registered versions on the local disk, by digest. */
export class BundleCache {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly directory: string,
  ) {}

  /** @throws {Fault} `not_found`, `dependency_unavailable`, `internal` where it is another than was registered */
  async get(version: RegisteredVersion): Promise<CachedBundle> {
    if (!/^[0-9a-f]{64}$/.test(version.bundleSha256)) {
      throw new Fault('not_found', {
        detail: `Version ${version.version} of ${version.model} names no model bundle: it was not registered by Vigia.`,
      });
    }
    const directory = join(this.directory, version.bundleSha256);
    if (!existsSync(directory)) {
      await mkdir(this.directory, { recursive: true });
      await keepNewest(this.directory, KEPT_BUNDLES - 1);
      await this.registry.fetchBundle(version, directory);
    }
    const text = await readFile(join(directory, 'bundle.json'), 'utf8');
    return { directory, manifest: bundleManifest.parse(JSON.parse(text)) };
  }
}
