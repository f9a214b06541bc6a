import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BundleRefused, loadBundle, type FeatureSetIdentity, type Model } from '@vigia/model';
import { z } from 'zod';

const cachedVersion = z.object({
  model: z.string(),
  /** Number in the registry. */
  version: z.string(),
  bundleSha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type CachedVersion = z.infer<typeof cachedVersion>;

/** Puts the whole bundle into a directory that is not there yet. */
export type FetchBundle = (directory: string) => Promise<void>;

const KEPT = 5;
/** What a fetch left that was cut off so long ago has no owner any more. */
const ABANDONED_MS = 3_600_000;

/**
 * Bundles on local disk, at `MODEL/SHA-256 of bundle.json/`, and which of them was the last good one of a URI, at
 * `MODEL/POINTER.json`. Several processes may share a cache.
 */
export class BundleCache {
  constructor(
    private readonly directory: string,
    private readonly featureSet: FeatureSetIdentity,
  ) {}

  /**
   * Loads a version, fetched first where it is not here or was damaged here.
   * @throws {BundleRefused}; whatever `fetch` throws
   */
  async load(version: CachedVersion, fetch: FetchBundle): Promise<Model> {
    const directory = this.directoryOf(version);
    try {
      return await this.loadCached(version);
    } catch (error) {
      if (!(error instanceof BundleRefused)) throw error;
      await rm(directory, { recursive: true, force: true });
    }
    await mkdir(dirname(directory), { recursive: true });
    await fetch(directory);
    return this.loadCached(version);
  }

  /** @throws {BundleRefused} also where it is not here */
  async loadCached(version: CachedVersion): Promise<Model> {
    const directory = this.directoryOf(version);
    const model = await loadBundle(directory, {
      featureSet: this.featureSet,
      manifestSha256: version.bundleSha256,
    });
    const { name } = model.manifest;
    if (name !== version.model) {
      await model.close();
      throw new BundleRefused({
        file: 'bundle.json',
        expected: `name ${version.model}, as the model is registered`,
        found: name,
        remedy: 'Assessments name the model by its bundle: train with the name that the registry has.',
      });
    }
    const now = new Date();
    await utimes(directory, now, now);
    return model;
  }

  /** Null where there is none, or where the file cannot be read as one. */
  async lastGood(model: string, pointer: string): Promise<CachedVersion | null> {
    try {
      const parsed = cachedVersion.safeParse(JSON.parse(await readFile(this.pointerFile(model, pointer), 'utf8')));
      return parsed.success && parsed.data.model === model ? parsed.data : null;
    } catch {
      return null;
    }
  }

  /** Notes a version as the last good one, whole or not at all, and removes the bundles that are used no more. */
  async remember(pointer: string, { model, version, bundleSha256 }: CachedVersion): Promise<void> {
    const file = this.pointerFile(model, pointer);
    const aside = `${file}.${randomUUID()}.part`;
    await writeFile(aside, JSON.stringify({ model, version, bundleSha256 }));
    await rename(aside, file);
    await this.prune(model);
  }

  async forget(model: string, pointer: string): Promise<void> {
    await rm(this.pointerFile(model, pointer), { force: true });
  }

  /** Keeps those that a pointer names and of the rest the last used, in all at least {@link KEPT}. */
  private async prune(model: string): Promise<void> {
    const folder = join(this.directory, model);
    const names = await readdir(folder);
    const pointers = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
    const good = await Promise.all(pointers.map((pointer) => this.lastGood(model, pointer)));
    const named = new Set(good.map((version) => version?.bundleSha256));
    const usedAtMs = new Map<string, number>();
    for (const name of names.filter((each) => !each.endsWith('.json'))) {
      const found = await stat(join(folder, name)).catch(() => null);
      if (found) usedAtMs.set(name, found.mtimeMs);
    }
    const isPart = (name: string): boolean => name.endsWith('.part');
    const bundles = [...usedAtMs.keys()]
      .filter((name) => !isPart(name))
      .sort((a, b) => usedAtMs.get(b)! - usedAtMs.get(a)!);
    const old = bundles.slice(KEPT).filter((name) => !named.has(name));
    const abandoned = [...usedAtMs.keys()].filter(
      (name) => isPart(name) && Date.now() - usedAtMs.get(name)! > ABANDONED_MS,
    );
    for (const name of [...old, ...abandoned]) await rm(join(folder, name), { recursive: true, force: true });
  }

  private directoryOf({ model, bundleSha256 }: CachedVersion): string {
    return join(this.directory, model, bundleSha256);
  }

  private pointerFile(model: string, pointer: string): string {
    return join(this.directory, model, `${pointer}.json`);
  }
}
