import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trainingSetManifest, type JobHandler, type JobPayload, type TrainingSetManifest } from '@vigia/contracts';
import { canonicalJson, hashOf, onlinePlanOf, type FeatureSet } from '@vigia/features';
import type { Ledger } from '@vigia/ledger';
import { OfflineStore, writeTrainingSet, type EventLoader, type Limits } from '@vigia/offline-store';

export interface TrainingSetParts {
  set: FeatureSet;
  ledger: Pick<Ledger, 'history'>;
  limits: Limits;
  /** Where training sets lie, one directory each. */
  directory: string;
  labelDelayMs: number;
  /** How far `acceptedAt` may lie from the arrival. */
  clockToleranceMs: number;
}

export interface TrainingSetResult {
  /** Name of its directory. */
  name: string;
  manifest: TrainingSetManifest;
}

/** Shares of the progress at which a step begins. */
const COMPUTING = 0.4;
const WRITING = 0.9;

/**
 * Makes a training set from the ledger: everything that the windows of its rows can hold goes through DuckDB in the
 * order in which it reached the windows online. The same request gives the same set, under the same name: one that is
 * there already is the answer. A job that ended half way leaves nothing, and simply runs again.
 */
export function trainingSetHandler(parts: TrainingSetParts): JobHandler<'training-set', TrainingSetResult> {
  const { set, limits, directory, labelDelayMs } = parts;
  return async (payload, { progress, signal }) => {
    const name = nameOf(payload, hashOf(set));
    const path = join(directory, name);
    if (existsSync(path)) return { name, manifest: await manifestIn(path) };
    await mkdir(directory, { recursive: true });
    const store = await OfflineStore.open(limits);
    try {
      void progress(0, 'reading the ledger');
      const loader = await store.load(set);
      await load(loader, parts, payload, (share) => progress(share * COMPUTING, 'reading the ledger'), signal);
      const computing = (share: number): void =>
        void progress(COMPUTING + share * (WRITING - COMPUTING), 'computing features');
      computing(0);
      await store.compute(set, { onProgress: computing, signal });
      const writing = (share: number): void => void progress(WRITING + share * (1 - WRITING), 'writing');
      writing(0);
      const manifest = await writeTrainingSet(store, {
        set,
        directory: path,
        fromMs: Date.parse(payload.from),
        toMs: Date.parse(payload.to),
        labelCutOffMs: Date.parse(payload.labelCutOff),
        labelCutOffArrival: Date.parse(payload.labelCutOff) * 1_000,
        labelDelayMs,
        genuineShare: payload.genuineShare,
        seed: payload.seed,
        onProgress: writing,
        signal,
      });
      void progress(1, 'done');
      return { name, manifest };
    } finally {
      store.close();
    }
  };
}

/** Payments and labels from the longest reach of a window before the range until the range and its labels are known. */
async function load(
  loader: EventLoader,
  { set, ledger, clockToleranceMs }: TrainingSetParts,
  { from, to, labelCutOff }: JobPayload<'training-set'>,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const fromUs = (Date.parse(from) - reachMsOf(set) - clockToleranceMs) * 1_000;
  const toUs = Math.max(Date.parse(to) + clockToleranceMs, Date.parse(labelCutOff)) * 1_000 + 1;
  let arrival = -1;
  try {
    for await (const event of ledger.history({ fromUs, toUs, featureSetHash: hashOf(set), signal })) {
      // Rising without ties, which the order of the history has decided already.
      arrival = Math.max(event.arrivedUs, arrival + 1);
      if (event.kind === 'payment') loader.payment(event.payment, arrival);
      else loader.label(event.endToEndId, event.fraud, arrival);
      if ((loader.payments & 0x3ff) === 0) onProgress((event.arrivedUs - fromUs) / (toUs - fromUs));
    }
  } finally {
    loader.close();
  }
}

/** How far back the longest window of a set reaches, its delay included. */
function reachMsOf(set: FeatureSet): number {
  const windows = onlinePlanOf(set).states.flatMap((state) => state.windows);
  return Math.max(0, ...windows.map(({ lengthMs, delayMs }) => lengthMs + delayMs));
}

/** Readable, and another for every other request or version of the set. */
function nameOf(payload: JobPayload<'training-set'>, hash: string): string {
  const day = (instant: string): string => instant.slice(0, 10);
  const digest = createHash('sha256').update(canonicalJson({ payload, hash })).digest('hex').slice(0, 12);
  return `${payload.featureSet}-${day(payload.from)}-${day(payload.to)}-${digest}`;
}

async function manifestIn(directory: string): Promise<TrainingSetManifest> {
  return trainingSetManifest.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')));
}
