import type { CompiledFeatureSet } from '@vigia/features';
import type { PolicyRecord, PolicyShadowDecision } from '@vigia/ledger';
import type { Logger, Metrics } from '@vigia/platform';
import { PolicyEngine, type BlockedParties } from '@vigia/policy';
import type { ScoringConfig } from '../config.js';
import { AfterAnswerRecord } from '../shadow/after-answer-record.js';
import { LivePolicies } from './live-policies.js';
import { PolicyCache } from './policy-cache.js';
import { PolicyFollower } from './policy-follower.js';
import { PolicyMetrics } from './policy-metrics.js';
import { PolicyShadow } from './policy-shadow.js';

const START_PATIENCE_MS = 5_000;

interface Surroundings {
  set: CompiledFeatureSet;
  blocked: BlockedParties | null;
  record: PolicyRecord;
  metrics: Metrics;
  logger: Logger;
}

interface OpenPolicies {
  policies: LivePolicies;
  policyFollower: PolicyFollower;
  policyShadow: PolicyShadow;
}

/** Loads the policy of the file and follows what is published. @throws Error where the file cannot be used */
export async function openPolicies(
  config: ScoringConfig,
  { set, blocked, record, metrics, logger }: Surroundings,
): Promise<OpenPolicies> {
  const file = await PolicyEngine.load({
    name: config.policyName,
    settings: config.policySettings,
    ...(config.policyDirectory === '' ? {} : { directory: config.policyDirectory }),
  });
  const policies = new LivePolicies(file, set.features, blocked);
  const policyMetrics = new PolicyMetrics(metrics);
  const policyFollower = await PolicyFollower.start(file, policies, {
    record,
    cache: new PolicyCache(config.policyCacheDirectory),
    metrics: policyMetrics,
    logger,
    published: config.policyFrom === 'ledger',
    pollMs: config.policyPollSeconds * 1_000,
    patienceMs: START_PATIENCE_MS,
  });
  const shadowRecord = new AfterAnswerRecord<PolicyShadowDecision>(
    (rows) => record.recordShadow(rows),
    policyMetrics,
    logger,
  );
  const policyShadow = new PolicyShadow(policies, shadowRecord, policyMetrics, logger);
  return { policies, policyFollower, policyShadow };
}
