import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyRecord } from '@vigia/ledger';
import type { Logger } from '@vigia/platform';
import { PolicyEngine, versionOf } from '@vigia/policy';
import type { LivePolicies, PolicyRole } from './live-policies.js';
import type { KeptPolicy, PolicyCache } from './policy-cache.js';
import type { PolicyMetrics } from './policy-metrics.js';

export interface PolicyFollowerParts {
  record: Pick<PolicyRecord, 'named' | 'version' | 'keep'>;
  cache: PolicyCache;
  metrics: PolicyMetrics;
  logger: Logger;
  /** Whether what is published decides; otherwise the file does, and only the policy in shadow is followed. */
  published: boolean;
  pollMs: number;
  /** How long a start waits for the ledger before it takes the last good policy from disk, ms. */
  patienceMs: number;
}

/**
 * Keeps in force what the ledger names: the policy that decides and the one in shadow. Whatever is wrong with the ledger
 * or with a policy, the one in force goes on.
 */
export class PolicyFollower {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private isAway = false;
  private hasAnswered = false;
  private isFileNoted = false;
  /** Versions that were refused: not loaded again until the ledger has named another. */
  private readonly refused: Record<PolicyRole, string | null> = { live: null, shadow: null };

  private constructor(
    private readonly file: PolicyEngine,
    private readonly policies: LivePolicies,
    private readonly parts: PolicyFollowerParts,
  ) {}

  /**
   * Resolves once the policy that decides is in force.
   * @param file what decides until another is published
   */
  static async start(file: PolicyEngine, policies: LivePolicies, parts: PolicyFollowerParts): Promise<PolicyFollower> {
    const follower = new PolicyFollower(file, policies, parts);
    parts.metrics.recordAnswered();
    parts.metrics.inForce('live', null, file);
    const first = follower.poll();
    await Promise.race([first, sleep(parts.patienceMs, undefined, { ref: false })]);
    if (!follower.hasAnswered && parts.published) await follower.takeLastGood();
    void first.then(() => follower.schedule());
    return follower;
  }

  /** Asks no more; what is in force stays. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => void this.poll().then(() => this.schedule()), this.parts.pollMs).unref();
  }

  private async poll(): Promise<void> {
    const { record, metrics, logger, published } = this.parts;
    try {
      await this.noteFile();
      const { live, shadow } = await record.named(this.file.name);
      metrics.recordAnswered();
      this.hasAnswered = true;
      if (published && live !== null) await this.follow('live', live);
      await this.follow('shadow', shadow);
      if (this.isAway) logger.info('the ledger says again which policy is published');
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) logger.warn({ err: error }, 'the ledger does not say which policy is published: it stays');
      this.isAway = true;
    }
  }

  /** Whatever decides stands in the ledger with its content, so that every assessment leads to it. */
  private async noteFile(): Promise<void> {
    if (this.isFileNoted) return;
    const { name: policy, graph, settings } = this.file.document;
    const { version } = this.file;
    const why = { by: 'scoring', reason: 'decides by a file', caller: '' };
    await this.parts.record.keep({ policy, version, graph, settings, origin: 'file', ...why });
    this.isFileNoted = true;
  }

  private async follow(role: PolicyRole, version: string | null): Promise<void> {
    const inForce = this.policies[role]?.engine ?? null;
    if (version === (inForce?.version ?? null)) return;
    if (version === null) return this.swap(role, null);
    if (version === this.refused[role]) return;
    this.refused[role] = null;
    const kept =
      version === this.file.version ? this.file.document : await this.parts.record.version(this.file.name, version);
    const engine = await this.load(role, { version, graph: kept?.graph, settings: kept?.settings });
    if (engine === null) return;
    this.swap(role, engine);
    if (role === 'live') await this.remember({ version, graph: kept?.graph, settings: kept?.settings });
  }

  private async takeLastGood(): Promise<void> {
    const kept = await this.parts.cache.lastGood(this.file.name);
    if (kept === null) return;
    const engine = await this.load('live', kept);
    // The ledger may have answered meanwhile, and it knows better.
    if (engine !== null && !this.hasAnswered) this.swap('live', engine);
  }

  /** Null: it is refused, on metrics and in the log. */
  private async load(role: PolicyRole, kept: KeptPolicy): Promise<PolicyEngine | null> {
    try {
      if (versionOf(kept) !== kept.version) throw new Error('its content is not that of its version');
      const { graph, settings } = kept;
      return await PolicyEngine.of({ name: this.file.name, graph, settings });
    } catch (error) {
      this.refused[role] = kept.version;
      this.parts.metrics.refused(role);
      const inForce = this.policies[role]?.engine.version ?? null;
      this.parts.logger.error(
        { err: error, role, policyVersion: kept.version, inForce },
        'the policy is refused: what was in force goes on',
      );
      return null;
    }
  }

  private swap(role: PolicyRole, engine: PolicyEngine | null): void {
    if (this.closed) return;
    const before = this.policies[role]?.engine ?? null;
    if (role === 'shadow') this.policies.shadowBy(engine);
    else if (engine !== null) this.policies.decideBy(engine);
    this.parts.metrics.inForce(role, before, engine);
    const message = engine ? 'policy is in force' : 'no policy decides in shadow';
    this.parts.logger.info({ role, policy: this.file.name, policyVersion: engine?.version ?? null }, message);
  }

  /** A disk that is full or read-only costs the next start its copy, and no payment its decision. */
  private async remember(kept: KeptPolicy): Promise<void> {
    await this.parts.cache.remember(this.file.name, kept).catch((error: unknown) => {
      this.parts.logger.warn({ err: error }, 'the policy could not be kept on disk for the next start');
    });
  }
}
