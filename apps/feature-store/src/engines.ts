import type { OnApplicationShutdown } from '@nestjs/common';
import { compileFeatureSet, type CompiledFeatureSet, type FeatureSet } from '@vigia/features';
import { Ledger } from '@vigia/ledger';
import { OnlineStore } from '@vigia/online-store';
import { JobQueues, type Logger } from '@vigia/platform';
import { auditPayload } from './audit-schedule.js';
import type { FeatureStoreConfig } from './config.js';
import { FEATURE_SETS } from './feature-sets.js';

const MINUTE_MS = 60_000;

/** What the service works with, opened once and closed behind the last request. Valkey and PostgreSQL may be away. */
export class Engines implements OnApplicationShutdown {
  private constructor(
    readonly declaration: FeatureSet,
    readonly set: CompiledFeatureSet,
    readonly store: OnlineStore,
    readonly ledger: Ledger,
    readonly queues: JobQueues,
  ) {}

  static async open(config: FeatureStoreConfig, logger: Logger): Promise<Engines> {
    const declaration = FEATURE_SETS.get(config.featureSet)!;
    const set = compileFeatureSet(declaration);
    const store = await OnlineStore.connect({
      url: config.redisUrl,
      plan: set.plan,
      prefix: config.redisPrefix,
      timeoutMs: config.redisTimeoutMs,
      onError: (error) => logger.warn({ err: error }, 'the online store does not answer'),
    });
    const ledger = Ledger.connect({ url: config.databaseUrl, questionTimeoutMs: config.databaseTimeoutMs });
    const everyMs = config.auditEveryMinutes * MINUTE_MS;
    const queues = await JobQueues.open({
      url: config.redisUrl,
      prefix: config.queuePrefix,
      timeoutMs: config.redisTimeoutMs,
      scheduled: { audit: (atMs) => auditPayload(config.featureSet, everyMs, atMs) },
      onError: (error) => logger.warn({ err: error }, 'the queues do not answer'),
    });
    return new Engines(declaration, set, store, ledger, queues);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
    this.store.close();
    await this.ledger.close();
  }
}
