import type { OnApplicationShutdown } from '@nestjs/common';
import { Ledger } from '@vigia/ledger';
import { JobQueues, type Logger } from '@vigia/platform';
import { ModelRegistry, credentialsOf } from '@vigia/registry';
import type { MonitoringConfig } from './config.js';
import { monitorPayload } from './run/monitor-payload.js';

const MINUTE_MS = 60_000;

/** What the service works with, opened once and closed behind the last request. Each server may be away. */
export class Engines implements OnApplicationShutdown {
  private constructor(
    readonly queues: JobQueues,
    readonly ledger: Ledger,
    readonly registry: ModelRegistry,
  ) {}

  static async open(config: MonitoringConfig, logger: Logger): Promise<Engines> {
    const everyMs = config.monitorEveryMinutes * MINUTE_MS;
    const queues = await JobQueues.open({
      url: config.redisUrl,
      prefix: config.queuePrefix,
      timeoutMs: config.redisTimeoutMs,
      scheduled: { monitor: (atMs) => monitorPayload(config.modelName, everyMs, atMs) },
      onError: (error) => logger.warn({ err: error }, 'the queues do not answer'),
    });
    const ledger = Ledger.connect({ url: config.databaseUrl, questionTimeoutMs: config.databaseTimeoutMs });
    const registry = new ModelRegistry({
      url: config.mlflowUrl,
      timeoutMs: config.mlflowTimeoutMs,
      ...credentialsOf(config),
    });
    return new Engines(queues, ledger, registry);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
    await this.ledger.close();
  }
}
