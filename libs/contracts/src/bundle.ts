import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** [from, to) of accepted payments, ISO 8601. */
const part = { from: z.string(), to: z.string(), rows: z.int(), frauds: z.int() };

/**
 * `bundle.json`, the manifest of a model bundle. The other files stand beside it:
 * - `model.onnx`: input `features` float32 [n, F] (NaN = missing), outputs `probability` and `margin` float32 [n, 1];
 *   the probability is calibrated, the margin is the model's raw log-odds.
 * - `trees.json`, where `explanation` is `trees`: XGBoost's own JSON model, whose covers exact TreeSHAP needs.
 * - `self-test.json`: {@link selfTest}. - `reference.json`: {@link referenceHistograms}. - `model-card.md`.
 * - `evaluation.json` and `plots/*.png`: all that was measured on the hold-out.
 */
export const bundleManifest = z.object({
  format: z.literal(2),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  version: z.string().min(1).max(64),
  createdAt: z.string(),
  featureSet: z.object({ name: z.string(), hash: z.string() }),
  /** Order of the columns of `features`. */
  features: z.array(z.string()).min(1),
  /** Family of the model: `xgboost`, `logistic`, `neural`, `blend` or another that leaves as the same graph. */
  algorithm: z.string(),
  /** Whether single answers can be explained exactly. */
  explanation: z.enum(['trees', 'none']),
  calibration: z.object({ method: z.literal('platt'), slope: z.number(), intercept: z.number() }),
  /** Probabilities above which the trainer proposes review and reject. The policy may use its own. */
  thresholds: z.object({ review: z.number(), reject: z.number() }),
  metrics: z.record(z.string(), z.number()),
  training: z.object({ ...part, datasetSha256: sha256, seed: z.int() }),
  /** What calibration, thresholds and tuning were chosen on. */
  validation: z.object(part),
  /** What nothing was fitted or chosen on. */
  holdOut: z.object(part),
  /** What decided the model besides the data, by name as `params.yaml` has it. */
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  codeCommit: z.string(),
  /** SHA-256 of the lock file of the training environment. */
  lockSha256: z.string(),
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

/**
 * What training saw, per feature and for the score: `counts[i]` in (edges[i-1], edges[i]], ends open. Where rows stand
 * for several payments, counts have the shares of the payments and as a sum the rows that tests may trust.
 */
export const referenceHistograms = z.object({
  features: z.record(z.string(), histogram),
  /** Every value of the features that have few, whole ones, flags included. */
  categories: z.record(z.string(), z.array(z.number())).default({}),
  probability: histogram,
});
