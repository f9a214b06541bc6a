import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PIX, compileFeatureSet } from '@vigia/features';
import { ModelSlot, parseModelUri } from '@vigia/model';
import { Metrics, createLogger } from '@vigia/platform';
import { ModelRegistry, type RegisteredVersion } from '@vigia/registry';
import { waitFor } from '@vigia/testing';
import { BundleCache } from './bundle-cache.js';
import type { ModelRole } from './live-models.js';
import { ModelFollower } from './model-follower.js';
import { ModelMetrics } from './model-metrics.js';
import type { RegisteredModel } from './registered-model.fixture.js';

const set = compileFeatureSet(PIX);
const PATIENCE = { timeoutMs: 60_000 };

/** Counts what it is asked. */
class CountingRegistry extends ModelRegistry {
  questions = 0;
  fetched: string[] = [];

  override byAlias(...question: Parameters<ModelRegistry['byAlias']>): Promise<RegisteredVersion | null> {
    this.questions++;
    return super.byAlias(...question);
  }

  override fetchBundle(version: RegisteredVersion, into: string): Promise<void> {
    this.fetched.push(version.version);
    return super.fetchBundle(version, into);
  }
}

export interface FollowingOptions {
  role?: ModelRole;
  patienceMs?: number;
}

/** A follower with what it fills, asks and says. */
export class Following {
  readonly slot = new ModelSlot();
  readonly registry: CountingRegistry;
  log = '';
  private readonly metrics = new Metrics('scoring', 'test');
  private follower: ModelFollower | undefined;

  private constructor(mlflowUrl: string) {
    this.registry = new CountingRegistry({ url: mlflowUrl });
  }

  static async start(
    model: RegisteredModel,
    uri = model.champion,
    { role = 'champion', patienceMs = 60_000 }: FollowingOptions = {},
  ): Promise<Following> {
    const following = new Following(model.mlflowUrl);
    const parsed = parseModelUri(uri, '/');
    if (parsed.kind === 'file') throw new Error(`${uri} is not of the registry`);
    following.follower = await ModelFollower.start(role, parsed, following.slot, {
      registry: following.registry,
      cache: new BundleCache(model.cacheDirectory, set),
      metrics: new ModelMetrics(following.metrics),
      logger: createLogger({ service: 'scoring', version: 'test', level: 'info' }, following),
      pollMs: 20,
      patienceMs,
    });
    return following;
  }

  /** The log ends here. */
  write(line: string): void {
    this.log += line;
  }

  get serving(): string | undefined {
    return this.slot.current()?.manifest.version;
  }

  serves(version: string): Promise<void> {
    return waitFor(() => this.serving === `bundle-${version}`, PATIENCE);
  }

  /** Sum of the samples of a metric. */
  async metric(name: string): Promise<number> {
    const { values } = await this.metrics.registry.getSingleMetric(`vigia_${name}`)!.get();
    return values.reduce((sum, { value }) => sum + value, 0);
  }

  /** Waits until the registry was asked so often from now on. */
  async polls(count: number): Promise<void> {
    const before = this.registry.questions;
    await waitFor(() => this.registry.questions >= before + count, PATIENCE);
  }

  async close(): Promise<void> {
    this.follower?.close();
    await this.slot.swap(null);
  }
}

/** SHA-256 of the bundles in the cache. */
export const cachedBundles = (model: RegisteredModel): string[] =>
  readdirSync(join(model.cacheDirectory, model.name)).filter((name) => name.length === 64);

/** Number of the version that the cache has as the last good champion. */
export function lastGoodChampion(model: RegisteredModel): string {
  const file = join(model.cacheDirectory, model.name, 'champion.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as RegisteredVersion).version;
}
