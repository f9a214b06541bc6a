import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * `bundle.json`, the manifest of a model bundle. The other files stand beside it:
 * - `model.onnx`: input `features` float32 [n, F] (NaN = missing), outputs `probability` and `margin` float32 [n, 1];
 *   the probability is calibrated, the margin is the trees' raw log-odds.
 * - `trees.json`: XGBoost's own JSON model, whose covers exact TreeSHAP needs.
 * - `self-test.json`: {@link selfTest}. - `reference.json`: {@link referenceHistograms}. - `model-card.md`.
 */
export const bundleManifest = z.object({
  format: z.literal(1),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  version: z.string().min(1).max(64),
  createdAt: z.string(),
  featureSet: z.object({ name: z.string(), hash: z.string() }),
  /** Order of the columns of `features`. */
  features: z.array(z.string()).min(1),
  algorithm: z.string(),
  calibration: z.object({ method: z.literal('platt'), slope: z.number(), intercept: z.number() }),
  /** Probabilities above which the trainer proposes review and reject. The policy may use its own. */
  thresholds: z.object({ review: z.number(), reject: z.number() }),
  metrics: z.record(z.string(), z.number()),
  training: z.object({
    from: z.string(),
    to: z.string(),
    rows: z.int(),
    frauds: z.int(),
    datasetSha256: sha256,
    seed: z.int(),
  }),
  codeCommit: z.string(),
  files: z.record(z.string(), sha256),
});
export type BundleManifest = z.infer<typeof bundleManifest>;

/** Rows a loader must score to the same probability and margin before it serves the bundle. null = missing. */
export const selfTest = z.object({
  vectors: z.array(z.array(z.number().nullable())),
  probabilities: z.array(z.number()),
  margins: z.array(z.number()),
  tolerance: z.number().positive(),
});
export type SelfTest = z.infer<typeof selfTest>;

const histogram = z.object({ edges: z.array(z.number()), counts: z.array(z.int()), missing: z.int() });

/** What training saw, per feature and for the score: `counts[i]` in (edges[i-1], edges[i]], ends open. */
export const referenceHistograms = z.object({ features: z.record(z.string(), histogram), probability: histogram });
