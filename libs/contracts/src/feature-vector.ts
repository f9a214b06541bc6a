import { z } from 'zod';
import { instant } from './identifiers.js';
import { payment } from './payment.js';

/** A read of the features of a payment that changes no state, as gRPC has it. */
export const vectorRequest = z.strictObject({
  featureSet: z.string().min(1),
  payment,
  /** Entities whose windows are read; all of the set's when empty. */
  entities: z.array(z.string()).default([]),
});
export type VectorRequest = z.output<typeof vectorRequest>;

/** Features as they stand, this payment not among them. */
export const featureVector = z.object({
  featureSet: z.object({ name: z.string(), hash: z.string() }),
  /** In the order of the set; null = missing. */
  features: z.array(z.object({ name: z.string(), value: z.number().nullable() })),
  /** Those that the payment has and that were asked for. */
  entities: z.array(z.object({ name: z.string(), at: instant, position: z.int() })),
});
export type FeatureVector = z.infer<typeof featureVector>;
