import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault, type TrainingSetManifest } from '@vigia/contracts';
import { hashOf, type FeatureSet } from '@vigia/features';
import { faultOf } from './failure.js';
import type { OfflineStore, Step } from './offline-store.js';
import { quoted } from './quoted.js';

export interface TrainingSetOptions extends Step {
  set: FeatureSet;
  /** Must not exist: a training set is never changed. */
  directory: string;
  /** Rows accepted in [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  labelCutOffMs: number;
  /** Labels that arrived later are not in the set; on the scale of the loaded arrivals. Null: all that were loaded count. */
  labelCutOffArrival: number | null;
  labelDelayMs: number;
  /** Share of genuine rows that are kept, each with the weight 1 / share; frauds are all kept. 0 < share <= 1. */
  genuineShare: number;
  seed: number;
}

/**
 * Writes the training set of the history that was loaded and computed: `rows.parquet`, then `manifest.json`, in a folder
 * aside that gets its name when all is on disk: what has the name is whole. The same history gives the same bytes. Of two
 * that write the same set at the same time one succeeds.
 * @throws {Fault} `range_without_data`, `cut_off_before_range`, `already_exists`, `storage_full`
 */
export async function writeTrainingSet(store: OfflineStore, options: TrainingSetOptions): Promise<TrainingSetManifest> {
  const { directory, signal } = options;
  requireRange(options);
  const aside = `${directory}.part-${randomUUID()}`;
  let manifest: TrainingSetManifest;
  try {
    manifest = await writeAside(store, options, aside);
    signal?.throwIfAborted();
    renameSync(aside, directory);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    signal?.throwIfAborted();
    requireAbsent(directory);
    throw faultOf(error);
  } finally {
    await store.drop('chosen');
  }
  sync(dirname(directory));
  removeLeftOver(directory);
  return manifest;
}

/** All of the set, on disk. */
async function writeAside(
  store: OfflineStore,
  options: TrainingSetOptions,
  aside: string,
): Promise<TrainingSetManifest> {
  const { set, signal } = options;
  await store.run(`CREATE OR REPLACE TEMP TABLE chosen AS ${chosenSql(options)}`, signal ? { signal } : {});
  const counts = await countsOf(store, options);
  mkdirSync(aside, { recursive: true });
  const [rows, manifestFile] = [join(aside, 'rows.parquet'), join(aside, 'manifest.json')];
  await store.run(`COPY (${rowsSql(set)}) TO ${quoted(rows)} (FORMAT parquet, COMPRESSION zstd)`, options);
  const manifest = await manifestOf(store, options, counts, rows);
  writeFileSync(manifestFile, JSON.stringify(manifest, null, 2));
  for (const path of [rows, manifestFile, aside]) sync(path);
  return manifest;
}

interface Counts {
  rows: number;
  frauds: number;
  firstMs: number;
  lastMs: number;
}

async function countsOf(store: OfflineStore, { fromMs, toMs }: TrainingSetOptions): Promise<Counts> {
  const [counts] = await store.ask(
    'SELECT count(*), coalesce(sum(label), 0), min(accepted_at_ms), max(accepted_at_ms) FROM chosen',
  );
  const [rows, frauds, firstMs, lastMs] = counts!.map(Number) as [number, number, number, number];
  if (rows > 0) return { rows, frauds, firstMs, lastMs };
  throw new Fault('range_without_data', {
    detail: `No payment was accepted from ${iso(fromMs)} to ${iso(toMs)}. Choose a range that the ledger has.`,
    errors: [{ field: 'from', message: 'no payment in this range' }],
  });
}

async function manifestOf(
  store: OfflineStore,
  options: TrainingSetOptions,
  { rows, frauds, firstMs, lastMs }: Counts,
  file: string,
): Promise<TrainingSetManifest> {
  const { set, labelCutOffMs, labelDelayMs, genuineShare, seed } = options;
  return {
    format: 2,
    featureSet: { name: set.name, hash: hashOf(set) },
    features: set.features.map(({ name }) => name),
    fromMs: firstMs,
    toMs: lastMs,
    labelCutOffMs,
    labelDelayMs,
    rows,
    frauds,
    sampling: { genuineShare, seed },
    schema: await schemaOf(store, file),
    rowsSha256: await digestOf(file),
  };
}

/** What a process that was killed left of this set; another that still writes it finds the set there and gives way. */
function removeLeftOver(directory: string): void {
  const parent = dirname(directory);
  for (const name of readdirSync(parent)) {
    if (name.startsWith(`${basename(directory)}.part-`)) rmSync(join(parent, name), { recursive: true, force: true });
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
  requireAbsent(directory);
}

function requireAbsent(directory: string): void {
  if (existsSync(directory))
    throw new Fault('already_exists', { detail: `${directory} exists: a training set is never changed` });
}

/** Which payments are rows: a genuine one by a hash of its id and the seed, so that every run keeps the same. */
function chosenSql({ fromMs, toMs, labelCutOffArrival, genuineShare, seed }: TrainingSetOptions): string {
  const drawn = `CAST(concat('0x', substr(md5(concat('${seed}|', p.end_to_end_id)), 1, 8)) AS BIGINT) / 4294967296.0`;
  const known = labelCutOffArrival === null ? '' : `WHERE arrival <= ${labelCutOffArrival}`;
  return `SELECT p.arrival, p.end_to_end_id, CAST(p.accepted_at_ms AS DOUBLE) AS accepted_at_ms,
  CAST(p.amount_cents AS DOUBLE) AS amount_cents, CAST(coalesce(v.fraud, FALSE) AS INTEGER) AS label,
  CASE WHEN coalesce(v.fraud, FALSE) THEN 1e0 ELSE ${(1 / genuineShare).toExponential()} END AS weight
FROM payments AS p
LEFT JOIN (SELECT end_to_end_id, arg_max(fraud, arrival) AS fraud FROM labels ${known} GROUP BY end_to_end_id) AS v
  ON v.end_to_end_id = p.end_to_end_id
WHERE p.accepted_at_ms >= ${fromMs} AND p.accepted_at_ms < ${toMs}
  AND (coalesce(v.fraud, FALSE) OR ${drawn} < ${genuineShare})`;
}

/** The rows in time order. */
function rowsSql(set: FeatureSet): string {
  const features = set.features.map(({ name }) => `coalesce(f.${name}, CAST('NaN' AS FLOAT)) AS ${name}`);
  return `SELECT c.end_to_end_id, c.accepted_at_ms, c.amount_cents, c.label, c.weight,
  ${features.join(',\n  ')}
FROM chosen AS c
JOIN features AS f ON f.arrival = c.arrival
ORDER BY c.accepted_at_ms, c.arrival`;
}

async function schemaOf(store: OfflineStore, file: string): Promise<TrainingSetManifest['schema']> {
  const rows = await store.ask(`DESCRIBE SELECT * FROM ${quoted(file)}`);
  return rows.map((row) => ({ name: String(row[0]), type: String(row[1]) }));
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

const iso = (ms: number): string => new Date(ms).toISOString();
