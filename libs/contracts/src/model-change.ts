import { z } from 'zod';

/** Number of a version in the registry. */
export const registryVersion = z.string().regex(/^[1-9][0-9]{0,8}$/, 'must be the number of a registered version');

export const modelName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z 0-9 - and begin with a-z');

/** A person's own words: who wants a change and why. Stands in the record for ever. */
export const changeRequest = {
  by: z.string().trim().min(1).max(100).meta({ description: 'The person who answers for the change.' }),
  reason: z.string().trim().min(3).max(1_000).meta({ description: 'Why, in a sentence.' }),
};

/**
 * One row of the record of what was live: from `changedAt` on, `to` was the champion of `model`.
 * Versions are numbers of the registry; bundle versions are what assessments name.
 */
export const modelChange = z.object({
  model: z.string(),
  kind: z.enum(['promote', 'rollback']),
  from: z.object({ version: z.string(), bundleVersion: z.string() }).nullable(),
  to: z.object({ version: z.string(), bundleVersion: z.string() }),
  by: z.string(),
  reason: z.string(),
  /** What the gate or the shadow time spoke against, and the person set aside; empty where nothing did. */
  overridden: z.array(z.string()),
  jobId: z.string(),
  changedAt: z.string(),
});
export type ModelChange = z.infer<typeof modelChange>;
