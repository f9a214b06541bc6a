import { z } from 'zod';

/**
 * `manifest.json` of a training set; `rows.parquet` stands beside it, in time order, with the columns
 * `end_to_end_id` string, `accepted_at_ms` double, `amount_cents` double, `label` int32 (fraud as known at the cut-off),
 * `weight` double (how many payments the row stands for: genuine ones may be sampled), then each feature as float32
 * under its own name (NaN = missing).
 */
export const trainingSetManifest = z.object({
  format: z.literal(2),
  featureSet: z.object({ name: z.string(), hash: z.string() }),
  features: z.array(z.string()),
  fromMs: z.int(),
  toMs: z.int(),
  /** Labels known after this moment are not in the set. */
  labelCutOffMs: z.int(),
  /** How long a label usually takes; the least distance between training, validation and hold-out. */
  labelDelayMs: z.int(),
  rows: z.int(),
  frauds: z.int(),
  /** Share of genuine payments that are rows, chosen by a hash of their id and the seed; all frauds are. */
  sampling: z.object({ genuineShare: z.number(), seed: z.int() }),
  /** Columns of rows.parquet and their types, as DuckDB names them. */
  schema: z.array(z.object({ name: z.string(), type: z.string() })),
  rowsSha256: z.string(),
});
export type TrainingSetManifest = z.infer<typeof trainingSetManifest>;
