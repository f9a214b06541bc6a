import { z } from 'zod';
import { changeRequest, modelName } from './model-change.js';

/** Of the file, or as it is published. */
export const policyName = modelName.meta({ description: 'Name of the policy, as assessments have it.' });

/** First 12 hex digits of the SHA-256 of graph and settings. */
export const policyVersion = z
  .string()
  .regex(/^[0-9a-f]{12}$/, 'must be a version of the policy: 12 hex digits')
  .meta({ description: 'Version of the policy, as assessments have it.' });

/** What a policy is made of, as an editor sends it. */
export const policyContent = {
  graph: z.record(z.string(), z.unknown()).meta({ description: 'The graph as the GoRules editor exports it (JDM).' }),
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .meta({ description: 'Settings of the policy by name; the defaults for the rest.' }),
};

export const policyCheck = z.strictObject(policyContent).meta({ id: 'PolicyCheck' });
export const policyDraft = z.strictObject({ ...policyContent, ...changeRequest }).meta({ id: 'PolicyDraft' });

export const policyPublication = z
  .strictObject({
    ...changeRequest,
    from: policyVersion
      .nullable()
      .optional()
      .meta({ description: 'What is published now, null for nothing: refused where it is another meanwhile.' }),
    override: z
      .boolean()
      .default(false)
      .meta({ description: 'Publish although there is no back-test of the version. It is recorded.' }),
  })
  .meta({ id: 'PolicyPublication' });

export const policyShadowing = z
  .strictObject({
    version: policyVersion.nullable().meta({ description: 'What decides in shadow from now on; null for nothing.' }),
    ...changeRequest,
  })
  .meta({ id: 'PolicyShadowing' });

/** One row of the record of what decided, or decided in shadow. */
export const policyChange = z.object({
  policy: z.string(),
  kind: z.enum(['publish', 'shadow']),
  from: z.string().nullable(),
  /** Null: nothing decides in shadow. */
  to: z.string().nullable(),
  by: z.string(),
  reason: z.string(),
  /** What spoke against it, and the person set aside. */
  overridden: z.array(z.string()),
  changedAt: z.string(),
});
export type PolicyChange = z.infer<typeof policyChange>;

/** What decisions cost: choices of the institution, by which a back-test tells two policies apart. */
export const policyCosts = {
  reviewCostCents: z.int().nonnegative().default(1_500).meta({ description: 'Work of one review, cents.' }),
  fraudLossShare: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .meta({ description: 'Share of the amount of an approved fraud that is lost in the end.' }),
  refusalCostCents: z
    .int()
    .nonnegative()
    .default(1_000)
    .meta({ description: 'A payment refused that nobody called fraud, cents.' }),
};
