import { Fault } from '@vigia/contracts';
import type { PolicyRecord } from '@vigia/ledger';
import { PolicyEngine, policySettings, type PolicyDocument } from '@vigia/policy';

/**
 * A policy that was sent, compiled and tried out, with every setting written out.
 * @throws {Fault} `policy_refused` naming the node or the setting, and the remedy
 */
export async function compiled({ settings, ...content }: PolicyDocument): Promise<PolicyEngine> {
  const parsed = policySettings.safeParse(settings);
  if (!parsed.success) {
    throw new Fault('policy_refused', {
      detail: 'Settings of the policy do not fit. The reference lists them with their defaults.',
      errors: parsed.error.issues.map(({ path, message }) => ({ field: ['settings', ...path].join('.'), message })),
    });
  }
  try {
    return await PolicyEngine.of({ ...content, settings: parsed.data });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Fault('policy_refused', { detail: message, errors: [{ field: 'graph', message }], cause: error });
  }
}

/** A version on record, ready to decide. @throws {Fault} `not_found`, `policy_refused` */
export async function engineOf(record: PolicyRecord, policy: string, version: string): Promise<PolicyEngine> {
  const kept = await record.version(policy, version);
  if (kept === null) throw unknownVersion(policy, version);
  const { graph, settings } = kept;
  try {
    return await PolicyEngine.of({ name: policy, graph, settings });
  } catch (error) {
    throw new Fault('policy_refused', { detail: error instanceof Error ? error.message : String(error), cause: error });
  }
}

export function unknownVersion(policy: string, version: string): Fault {
  return new Fault('not_found', {
    detail: `Policy ${policy} has no version ${version}. Draft it first.`,
    errors: [{ field: 'version', message: 'is no version of this policy' }],
  });
}
