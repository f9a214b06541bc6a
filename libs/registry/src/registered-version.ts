/** Where a version stands with the gate. */
export type GateState = 'pending' | 'passed' | 'failed';

/** A version of a registered model. */
export interface RegisteredVersion {
  model: string;
  /** Number of the version in the registry. */
  version: string;
  /** Run that made it. */
  runId: string;
  /** `version` of its bundle: what assessments name. */
  bundleVersion: string;
  /** SHA-256 of its `bundle.json`, which has the digests of all other files. */
  bundleSha256: string;
  gate: GateState;
  /** `champion`, `challenger` or none. */
  aliases: string[];
  createdAt: string;
}

/** Tags of a version in MLflow, written by training and by the gate. */
export const VERSION_TAGS = {
  bundleVersion: 'vigia.bundle_version',
  bundleSha256: 'vigia.bundle_sha256',
  gate: 'vigia.gate',
} as const;

/** Tag of a run: the job that started it. */
export const JOB_TAG = 'vigia.job';

/** Tag of a run: the alert that asked for it, as JSON. */
export const CAUSE_TAG = 'vigia.cause';

/** Folder of the bundle among the files of a version. */
export const BUNDLE_FOLDER = 'bundle';
