import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '@vigia/contracts';
import { BundleRefused, type Model, type ModelSlot, type ModelUri } from '@vigia/model';
import type { Logger } from '@vigia/platform';
import type { ModelRegistry, RegisteredVersion } from '@vigia/registry';
import type { BundleCache, CachedVersion } from './bundle-cache.js';
import type { ModelRole } from './live-models.js';
import type { ModelMetrics } from './model-metrics.js';

export interface FollowerParts {
  registry: ModelRegistry;
  cache: BundleCache;
  metrics: ModelMetrics;
  logger: Logger;
  pollMs: number;
  /** How long a start waits for the registry before it takes the last good bundle, ms. */
  patienceMs: number;
}

type RegistryUri = Exclude<ModelUri, { kind: 'file' }>;
/** What was last said of the registry: each state is logged once. */
type Registry = 'unasked' | 'names a version' | 'names none' | 'away';

/**
 * Keeps in a slot the version that the registry names. Whatever is wrong with the registry or with a bundle, the model
 * that is live goes on.
 */
export class ModelFollower {
  /** SHA-256 of the `bundle.json` that is live, and of that which the disk has as the last good one. */
  private live: string | null = null;
  private remembered: string | null = null;
  /** Bundle that was refused: not fetched again until the registry has named another. */
  private refused: string | null = null;
  private registry: Registry = 'unasked';
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  /** Name of the file that remembers the last good version of this URI. */
  private readonly pointer: string;

  private constructor(
    private readonly role: ModelRole,
    private readonly uri: RegistryUri,
    private readonly slot: ModelSlot,
    private readonly parts: FollowerParts,
  ) {
    this.pointer = uri.kind === 'alias' ? uri.alias : `version-${uri.version}`;
  }

  /** Resolves once the slot has its first model, from the registry or from disk, or there is none to be had. */
  static async start(role: ModelRole, uri: RegistryUri, slot: ModelSlot, parts: FollowerParts): Promise<ModelFollower> {
    const follower = new ModelFollower(role, uri, slot, parts);
    parts.metrics.registryReached();
    const first = follower.poll();
    await Promise.race([first, sleep(parts.patienceMs, undefined, { ref: false })]);
    if (slot.current() === null) await follower.takeLastGood();
    void first.then(() => follower.schedule());
    return follower;
  }

  /** Asks no more; the slot stays as it is. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => void this.poll().then(() => this.schedule()), this.parts.pollMs).unref();
  }

  private async poll(): Promise<void> {
    try {
      const named = await this.named();
      this.parts.metrics.registryReached();
      if (named === null) await this.nothingNamed();
      else await this.follow(named);
    } catch (error) {
      this.say('away', { err: error }, 'the registry or the cache of bundles fails: the live model goes on');
    }
  }

  private named(): Promise<RegisteredVersion | null> {
    const { uri } = this;
    const { registry } = this.parts;
    return uri.kind === 'alias' ? registry.byAlias(uri.model, uri.alias) : registry.version(uri.model, uri.version);
  }

  private async nothingNamed(): Promise<void> {
    if (this.role === 'champion')
      return this.say('names none', {}, 'the registry names no version: the champion stays');
    this.say('names none', {}, 'the registry names no challenger: nothing is scored in shadow');
    await this.parts.cache.forget(this.uri.model, this.pointer);
    this.remembered = null;
    await this.swap(null, null);
  }

  private async follow(named: RegisteredVersion): Promise<void> {
    if (named.bundleSha256 !== this.refused) this.refused = null;
    if (named.bundleSha256 !== this.live && named.bundleSha256 !== this.refused) await this.take(named);
    if (named.bundleSha256 === this.live && this.live !== this.remembered) {
      await this.parts.cache.remember(this.pointer, named);
      this.remembered = this.live;
    }
    this.say('names a version', { registryVersion: named.version }, 'the registry is followed');
  }

  private async take(named: RegisteredVersion): Promise<void> {
    const { cache, registry } = this.parts;
    try {
      requireDigest(named);
      const model = await cache.load(named, (directory) => registry.fetchBundle(named, directory));
      await this.swap(model, named);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.refused = named.bundleSha256;
      this.noteRefusal(named, error);
    }
  }

  private async takeLastGood(): Promise<void> {
    // A challenger that the registry no longer names is over; a champion stays until there is another.
    if (this.role === 'challenger' && this.registry === 'names none') return;
    const { cache } = this.parts;
    const version = await cache.lastGood(this.uri.model, this.pointer);
    if (version === null) return;
    try {
      const model = await cache.loadCached(version);
      // The registry may have answered meanwhile, and it knows better.
      if (this.slot.current() === null) await this.swap(model, version);
      else await model.close();
    } catch (error) {
      this.noteRefusal(version, error);
    }
  }

  /** A bundle that came too late is closed again. */
  private async swap(model: Model | null, version: CachedVersion | null): Promise<void> {
    if (this.closed) return model?.close();
    const before = this.slot.current();
    if (before === model) return;
    this.live = version?.bundleSha256 ?? null;
    this.parts.metrics.live(this.role, before?.manifest ?? null, model?.manifest ?? null);
    const live = model && { model: model.manifest.name, version: model.manifest.version };
    this.parts.logger.info(
      { role: this.role, ...live, registryVersion: version?.version },
      model ? 'model is live' : 'no model is live in this role',
    );
    await this.slot.swap(model);
  }

  private noteRefusal(version: CachedVersion, error: unknown): void {
    this.parts.metrics.refused(this.role);
    this.parts.logger.error(
      {
        err: error,
        role: this.role,
        model: version.model,
        registryVersion: version.version,
        serving: this.slot.current()?.manifest.version ?? null,
      },
      'the model bundle is refused: what was live before goes on',
    );
  }

  private say(registry: Registry, details: object, message: string): void {
    if (this.registry === registry) return;
    this.registry = registry;
    const level = registry === 'names a version' ? 'info' : 'warn';
    this.parts.logger[level]({ role: this.role, modelUri: this.uri, ...details }, message);
  }
}

/** It also names the bundle's directory on disk. */
function requireDigest({ model, version, bundleSha256 }: RegisteredVersion): void {
  if (/^[0-9a-f]{64}$/.test(bundleSha256)) return;
  throw new BundleRefused({
    file: 'bundle.json',
    expected: `the SHA-256 of bundle.json as a tag of ${model} version ${version}`,
    found: JSON.stringify(bundleSha256),
    remedy: 'Register the bundle by the trainer, which tags the version.',
  });
}

/** What no later try can mend; all else is weather. */
function isRefusal(error: unknown): boolean {
  return error instanceof BundleRefused || (error instanceof Fault && error.kind !== 'weather');
}
