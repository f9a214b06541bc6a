import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault, type TrainingSetManifest } from '@vigia/contracts';
import { hashOf, type FeatureSet } from '@vigia/features';
import type { OfflineStore, Step } from './offline-store.js';

export interface TrainingSetOptions extends Step {
  set: FeatureSet;
  /** Must not exist: a training set is never changed. */
  directory: string;
  /** Rows accepted in [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  labelCutOffMs: number;
  /** Labels that arrived later are not in the set; on the scale of the loaded arrivals. Default: all labels count. */
  labelCutOffArrival?: number;
  labelDelayMs: number;
  /** Share of genuine rows that are kept, each with the weight 1 / share; frauds are all kept. 0 < share <= 1. */
  genuineShare: number;
  seed: number;
}

/**
 * Writes the training set of the history that was loaded and computed: `rows.parquet`, then `manifest.json`, in a folder
 * aside that gets its name when all is on disk: what has the name is whole. The same history gives the same bytes.
 * @throws {Fault} `range_without_data`, `cut_off_before_range`, `already_exists`, `storage_full`
 */
export async function writeTrainingSet(store: OfflineStore, options: TrainingSetOptions): Promise<TrainingSetManifest> {
  const { set, directory, fromMs, toMs, labelCutOffMs } = options;
  requireRange(options);
  const aside = `${directory}.part`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  try {
    const file = join(aside, 'rows.parquet');
    const copy = `COPY (${rowsSql(options)}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`;
    await store.run(copy, options);
    const [counts] = await store.ask(
      `SELECT count(*), coalesce(sum(label), 0), min(accepted_at_ms), max(accepted_at_ms) FROM '${file.replaceAll("'", "''")}'`,
    );
    const [rows, frauds, firstMs, lastMs] = counts!.map(Number) as [number, number, number, number];
    if (rows === 0) {
      throw new Fault('range_without_data', {
        detail: `No payment was accepted from ${iso(fromMs)} to ${iso(toMs)}. Choose a range that the ledger has.`,
        errors: [{ field: 'from', message: 'no payment in this range' }],
      });
    }
    const manifest: TrainingSetManifest = {
      format: 2,
      featureSet: { name: set.name, hash: hashOf(set) },
      features: set.features.map(({ name }) => name),
      fromMs: firstMs,
      toMs: lastMs,
      labelCutOffMs,
      labelDelayMs: options.labelDelayMs,
      rows,
      frauds,
      sampling: { genuineShare: options.genuineShare, seed: options.seed },
      schema: await schemaOf(store, file),
      rowsSha256: await digestOf(file),
    };
    sync(file);
    writeFileSync(join(aside, 'manifest.json'), JSON.stringify(manifest, null, 2));
    sync(join(aside, 'manifest.json'));
    renameSync(aside, directory);
    return manifest;
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw error;
  }
}

function requireRange({ directory, fromMs, toMs, labelCutOffMs, genuineShare }: TrainingSetOptions): void {
  if (!(fromMs < toMs)) {
    throw new Fault('invalid_request', {
      detail: `The range from ${iso(fromMs)} to ${iso(toMs)} is empty.`,
      errors: [{ field: 'to', message: 'must be after from' }],
    });
  }
  if (labelCutOffMs < fromMs) {
    throw new Fault('cut_off_before_range', {
      detail: `The cut-off ${iso(labelCutOffMs)} is before the range, which begins ${iso(fromMs)}: no row could have a label.`,
      errors: [{ field: 'labelCutOff', message: 'must not be before from' }],
    });
  }
  if (!(genuineShare > 0 && genuineShare <= 1)) {
    throw new Fault('invalid_request', {
      detail: `genuineShare is ${genuineShare}`,
      errors: [{ field: 'genuineShare', message: 'must be above 0 and at most 1' }],
    });
  }
  if (existsSync(directory))
    throw new Fault('already_exists', { detail: `${directory} exists: a training set is never changed` });
}

/** The rows in time order. A genuine row is kept by a hash of its id and the seed, so that every run keeps the same. */
function rowsSql({ set, fromMs, toMs, labelCutOffArrival, genuineShare, seed }: TrainingSetOptions): string {
  const features = set.features.map(({ name }) => `coalesce(f.${name}, CAST('NaN' AS FLOAT)) AS ${name}`);
  const drawn = `CAST(concat('0x', substr(md5(concat('${seed}|', p.end_to_end_id)), 1, 8)) AS BIGINT) / 4294967296.0`;
  const known = labelCutOffArrival === undefined ? '' : `WHERE arrival <= ${labelCutOffArrival}`;
  return `SELECT p.end_to_end_id, CAST(p.accepted_at_ms AS DOUBLE) AS accepted_at_ms,
  CAST(p.amount_cents AS DOUBLE) AS amount_cents, CAST(coalesce(v.fraud, FALSE) AS INTEGER) AS label,
  CASE WHEN coalesce(v.fraud, FALSE) THEN 1e0 ELSE ${(1 / genuineShare).toExponential()} END AS weight,
  ${features.join(',\n  ')}
FROM payments AS p
JOIN features AS f ON f.arrival = p.arrival
LEFT JOIN (SELECT end_to_end_id, arg_max(fraud, arrival) AS fraud FROM labels ${known} GROUP BY end_to_end_id) AS v
  ON v.end_to_end_id = p.end_to_end_id
WHERE p.accepted_at_ms >= ${fromMs} AND p.accepted_at_ms < ${toMs}
  AND (coalesce(v.fraud, FALSE) OR ${drawn} < ${genuineShare})
ORDER BY p.accepted_at_ms, p.arrival`;
}

async function schemaOf(store: OfflineStore, file: string): Promise<TrainingSetManifest['schema']> {
  const rows = await store.ask(`DESCRIBE SELECT * FROM '${file.replaceAll("'", "''")}'`);
  return rows.map((row) => ({ name: String(row[0]), type: String(row[1]) }));
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function sync(file: string): void {
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

const iso = (ms: number): string => new Date(ms).toISOString();
