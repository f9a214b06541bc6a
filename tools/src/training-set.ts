import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TrainingSetManifest } from '@vigia/contracts';
import type { FeatureSet } from '@vigia/features';
import { OfflineStore, writeTrainingSet, type EventLoader } from '@vigia/offline-store';
import { writeScenarios, type Scenarios } from './scenarios.js';

interface LocalTrainingSet {
  set: FeatureSet;
  /** Replaced when it exists. */
  directory: string;
  fromMs: number;
  /** End of the rows, and the moment from which labels no longer count. */
  toMs: number;
  labelDelayMs: number;
  /** Brings the history: every payment and label in the order of arrival, those before `fromMs` too. */
  load: (loader: EventLoader) => Promise<unknown>;
  /** Of a simulated world; filled by `load`, kept beside the rows. */
  scenarios?: Scenarios;
  onProgress: (share: number) => void;
}

/** The training set of a history that no ledger holds: what a simulated world or a published data set went through. */
export async function localTrainingSet(options: LocalTrainingSet): Promise<TrainingSetManifest> {
  const { set, directory, fromMs, toMs, labelDelayMs, load, scenarios, onProgress } = options;
  const limits = { memoryLimitMb: 4_000, threads: 2, temporaryDirectory: dirname(directory) };
  const store = await OfflineStore.open(limits);
  try {
    const loader = await store.load(set);
    await load(loader);
    loader.close();
    await store.compute(set, { onProgress });
    rmSync(directory, { recursive: true, force: true });
    const manifest = await writeTrainingSet(store, {
      set,
      directory,
      fromMs,
      toMs,
      labelCutOffMs: toMs,
      labelCutOffArrival: null,
      labelDelayMs,
      genuineShare: 1,
      seed: 0,
    });
    if (scenarios !== undefined && scenarios.size > 0) await writeScenarios(store, directory, scenarios);
    return manifest;
  } finally {
    store.close();
  }
}
