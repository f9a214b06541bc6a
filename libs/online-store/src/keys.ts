import type { OnlinePlan } from '@vigia/features';

/** How long an event is remembered, unless the settings say otherwise. */
export const IDEMPOTENCY_MS = 48 * 3_600_000;

/**
 * Names of the keys of a plan's state, `PREFIX:PLAN:...`, so that two versions of a set live side by side:
 *
 *   STATE:KEY[#GENERATION]      log of an entity, and with `:c` behind it its counterparties
 *   seen:EVENT                  marker: which generations hold the event, see function-source.ts
 *   #live, #live:rebuild, ...   on a single node which generation is live, see function-source.ts
 */
export class Keys {
  /** What all keys of the plan begin with. */
  readonly base: string;
  readonly control: string;

  constructor(
    private readonly plan: OnlinePlan,
    prefix: string,
    private readonly clustered = false,
  ) {
    this.base = baseOf(prefix, plan.id);
    this.control = `${this.base}#live`;
  }

  entity(index: number, key: string): string {
    return this.base + this.tag(index, key);
  }

  marker(eventId: string): string {
    return `${this.base}seen:${eventId}`;
  }

  /** On a Cluster each entity of an event has a marker, in the entity's own slot. */
  markerBeside(eventId: string, index: number, key: string): string {
    return `${this.marker(eventId)}:${this.tag(index, key)}`;
  }

  private tag(index: number, key: string): string {
    const state = this.plan.states[this.plan.entities[index]!.state]!.name;
    return this.clustered ? `{${state}:${key}}` : `${state}:${key}`;
  }
}

export function baseOf(prefix: string, planId: string): string {
  return `${prefix}:${planId}:`;
}

/** A SCAN pattern of what begins so. */
export function patternOf(base: string): string {
  return `${base.replace(/[\\*?[\]]/g, '\\$&')}*`;
}

export interface StateKey {
  state: string;
  /** Of the entity: a pseudonym, or several with | between. */
  entity: string;
  /** '' or '#GENERATION'. */
  suffix: string;
  part: 'log' | 'counterparties';
}

/** The parts of a key of an entity; undefined for markers, the control key and what is beside it. */
export function parseKey(base: string, key: string): StateKey | undefined {
  if (!key.startsWith(base)) return undefined;
  // No pseudonym has a # or ends in :c.
  const match = /^\{?(?!seen:)([a-z0-9_]+):([^#]*?)\}?(#[a-z0-9]+)?(:c)?$/.exec(key.slice(base.length));
  if (!match) return undefined;
  const [, state, entity, suffix = '', counterparties] = match;
  return { state: state!, entity: entity!, suffix, part: counterparties ? 'counterparties' : 'log' };
}
