import { policyInputs, type BlockedParties, type PolicyEngine } from '@vigia/policy';

export const POLICY_ROLES = ['live', 'shadow'] as const;
/** The live policy decides; the one in shadow says after the answer what it would have decided. */
export type PolicyRole = (typeof POLICY_ROLES)[number];

/** A policy, and what it sees of payments here. */
export interface LivePolicy {
  engine: PolicyEngine;
  inputOf: ReturnType<typeof policyInputs>;
}

/** The policies of this process. Whoever decides by one holds on to it: a swap touches no payment on its way. */
export class LivePolicies {
  private readonly roles: { live: LivePolicy; shadow: LivePolicy | null };

  /** @param blocked persons and accounts under suspicion; null where the institution keeps no list here */
  constructor(
    first: PolicyEngine,
    private readonly features: readonly string[],
    private readonly blocked: BlockedParties | null,
  ) {
    this.roles = { live: this.seeing(first), shadow: null };
  }

  get live(): LivePolicy {
    return this.roles.live;
  }

  get shadow(): LivePolicy | null {
    return this.roles.shadow;
  }

  decideBy(engine: PolicyEngine): void {
    this.roles.live = this.seeing(engine);
  }

  shadowBy(engine: PolicyEngine | null): void {
    this.roles.shadow = engine && this.seeing(engine);
  }

  private seeing(engine: PolicyEngine): LivePolicy {
    return { engine, inputOf: policyInputs(this.features, engine.settings, this.blocked) };
  }
}
