import { Fault } from '@vigia/contracts';
import { HANDBOOK, PIX, type FeatureSet } from '@vigia/features';

/** The sets that are declared, by name. */
export const FEATURE_SETS: ReadonlyMap<string, FeatureSet> = new Map([PIX, HANDBOOK].map((set) => [set.name, set]));

const NAMES = [...FEATURE_SETS.keys()].join(', ');

/** @throws {Fault} `not_found`, with the names that there are */
export function declaredSet(name: string): FeatureSet {
  const set = FEATURE_SETS.get(name);
  if (set) return set;
  throw new Fault('not_found', {
    detail: `There is no feature set of this name. Declared are ${NAMES}.`,
    errors: [{ field: 'name', message: `must be one of ${NAMES}` }],
  });
}

/**
 * Whether the set is the one whose state is kept here.
 * @param field that named the set
 * @throws {Fault} `invalid_request` when it is another, or not declared at all
 */
export function requireServed(name: string, served: string, field: string): void {
  if (name === served) return;
  const isDeclared = FEATURE_SETS.has(name);
  throw new Fault('invalid_request', {
    detail: isDeclared
      ? `This feature set is declared, but its state is not kept here. Served is ${served}; FEATURE_SET says which.`
      : `There is no feature set of this name. Served is ${served}.`,
    errors: [{ field, message: `must be ${served}` }],
  });
}
