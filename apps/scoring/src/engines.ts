import type { OnApplicationShutdown } from '@nestjs/common';
import { HANDBOOK, PIX, compileFeatureSet, type CompiledFeatureSet } from '@vigia/features';
import { Ledger, type AssessmentWriter, type ShadowScore, type WriterCounters } from '@vigia/ledger';
import { OnlineStore } from '@vigia/online-store';
import type { Logger, Metrics } from '@vigia/platform';
import { BlockedParties } from '@vigia/policy';
import type { ScoringConfig } from './config.js';
import type { LiveModels } from './model/live-models.js';
import type { ModelFollower } from './model/model-follower.js';
import { ModelMetrics } from './model/model-metrics.js';
import { openModels } from './model/open-models.js';
import { ShadowScorer } from './model/shadow-scorer.js';
import type { LivePolicies } from './policy/live-policies.js';
import { openPolicies } from './policy/open-policies.js';
import type { PolicyFollower } from './policy/policy-follower.js';
import type { PolicyShadow } from './policy/policy-shadow.js';
import { AfterAnswerRecord } from './shadow/after-answer-record.js';

const DAY_MS = 86_400_000;
const PARTITION_DAYS = 7;

interface Opened {
  set: CompiledFeatureSet;
  store: OnlineStore;
  models: LiveModels;
  followers: ModelFollower[];
  shadow: ShadowScorer;
  policies: LivePolicies;
  policyFollower: PolicyFollower;
  policyShadow: PolicyShadow;
  ledger: Ledger;
  writer: AssessmentWriter;
}

/**
 * What the service decides with, opened once and closed behind the last request. Valkey, PostgreSQL and the model may
 * be away, at the start too: then every answer says what was degraded.
 */
export class Engines implements OnApplicationShutdown {
  readonly set: CompiledFeatureSet;
  readonly store: OnlineStore;
  readonly models: LiveModels;
  readonly shadow: ShadowScorer;
  readonly policies: LivePolicies;
  readonly policyShadow: PolicyShadow;
  readonly writer: AssessmentWriter;
  private readonly followers: (ModelFollower | PolicyFollower)[];
  private readonly ledger: Ledger;
  private readonly partitioning: NodeJS.Timeout;

  private constructor(
    opened: Opened,
    private readonly logger: Logger,
  ) {
    ({ set: this.set, store: this.store } = opened);
    ({ models: this.models, shadow: this.shadow } = opened);
    ({ policies: this.policies, policyShadow: this.policyShadow } = opened);
    this.followers = [...opened.followers, opened.policyFollower];
    ({ writer: this.writer, ledger: this.ledger } = opened);
    void this.makePartitions();
    this.partitioning = setInterval(() => void this.makePartitions(), DAY_MS / 4).unref();
  }

  static async open(config: ScoringConfig, logger: Logger, metrics: Metrics): Promise<Engines> {
    const set = compileFeatureSet(config.featureSet === 'pix' ? PIX : HANDBOOK);
    const store = await OnlineStore.connect({
      url: config.redisUrl,
      plan: set.plan,
      prefix: config.redisPrefix,
      idempotencyMs: config.idempotencyHours * 3_600_000,
      timeoutMs: config.redisTimeoutMs,
      onError: (error) => logger.warn({ err: error }, 'the online store does not answer'),
    });
    const ledger = Ledger.connect({ url: config.databaseUrl, questionTimeoutMs: config.databaseTimeoutMs });
    const writer = await ledger.openWriter({
      spoolDirectory: config.spoolDirectory,
      statementTimeoutMs: config.databaseTimeoutMs,
      report: ({ kind, ...rest }) =>
        logger.warn({ event: kind, err: 'cause' in rest ? rest.cause : undefined }, 'ledger'),
    });
    observeLedger(metrics, () => writer.counters());
    const modelMetrics = new ModelMetrics(metrics);
    const { models, followers } = await openModels(config, { set, metrics: modelMetrics, logger });
    const record = new AfterAnswerRecord<ShadowScore>((rows) => ledger.recordShadowScores(rows), modelMetrics, logger);
    const shadow = new ShadowScorer(models, record, modelMetrics, logger);
    const blocked = config.blockedPartiesFile === '' ? null : await BlockedParties.load(config.blockedPartiesFile);
    const opened = await openPolicies(config, { set, blocked, record: ledger.policies, metrics, logger });
    return new Engines({ set, store, models, followers, shadow, ...opened, ledger, writer }, logger);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.partitioning);
    for (const follower of this.followers) follower.close();
    await this.shadow.close();
    await this.policyShadow.close();
    await this.writer.close();
    await this.ledger.close();
    await this.models.close();
    this.store.close();
  }

  /** Days ahead have their partition before the first payment; the default partition takes what comes sooner. */
  private async makePartitions(): Promise<void> {
    const day = (ahead: number): string => new Date(Date.now() + ahead * DAY_MS).toISOString().slice(0, 10);
    await this.ledger
      .ensurePartitions(day(0), day(PARTITION_DAYS))
      .catch((error: unknown) => this.logger.warn({ err: error }, 'partitions of the days ahead could not be made'));
  }
}

function observeLedger(metrics: Metrics, counters: () => WriterCounters): void {
  metrics.gauge('ledger_up', '1 while PostgreSQL takes records.', [], () => Number(counters().isUp));
  metrics.gauge('ledger_committed_rows', 'Records committed since the start.', [], () => counters().committedRows);
  metrics.gauge('ledger_batches', 'Commits since the start.', [], () => counters().batches);
  metrics.gauge('ledger_spool_rows', 'Records that wait on local disk.', [], () => counters().spoolDepthRows);
  metrics.gauge('ledger_commit_seconds', 'Time of the last commit.', [], () => counters().lastCommitMs / 1_000);
}
