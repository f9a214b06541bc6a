import { createHash } from 'node:crypto';

/** A policy as it is kept: what decides is the graph together with its settings. */
export interface PolicyDocument {
  name: string;
  /** As the GoRules editor exports it (JDM). */
  graph: unknown;
  /** As it was made, see `policySettings`: a setting that came later has its default, and the version stays. */
  settings: unknown;
}

/**
 * First 12 hex digits of the SHA-256 of graph and settings. White space and the order of keys do not count, so that a
 * policy has the same version in a file and in a database.
 */
export function versionOf({ graph, settings }: Pick<PolicyDocument, 'graph' | 'settings'>): string {
  return createHash('sha256').update(canonical({ graph, settings })).digest('hex').slice(0, 12);
}

/** JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
