import { z } from 'zod';
import { instant } from './identifiers.js';
import { changeRequest, modelName, registryVersion } from './model-change.js';
import { policyCosts, policyName, policyVersion } from './policy.js';

const model = modelName.default('pix-fraud').meta({ description: 'Name of the registered model.' });

/** The alert that asked for a training. */
export const trainingCause = z
  .strictObject({
    alert: z.string().min(1).max(40),
    kind: z.string().min(1).max(40),
    bundleVersion: z.string().max(64),
    signals: z.array(z.string().max(100)).max(20),
  })
  .meta({ description: 'What asked for it, where that was no person: stands among the tags of the run.' });
export type TrainingCause = z.output<typeof trainingCause>;

const featureSet = z.string().min(1).meta({ description: 'Name of a declared feature set.' });

/** What the queues carry: ids and settings, never rows. Producers and handlers are typed from this one object. */
export const JOBS = {
  'training-set': {
    description: 'Makes a training set from the ledger.',
    payload: z
      .strictObject({
        featureSet,
        from: instant,
        to: instant.meta({ description: 'End of the range, itself outside.' }),
        labelCutOff: instant.meta({ description: 'Labels known after this moment are not in the set.' }),
        genuineShare: z.number().gt(0).max(1).default(1).meta({ description: 'Share of genuine rows that are kept.' }),
        seed: z.int().nonnegative().default(0),
      })
      .meta({ id: 'TrainingSetRequest' }),
    attempts: 2,
    backoffMs: 5_000,
  },
  backfill: {
    description: 'Rebuilds the online state from the ledger in a new key space and swaps it in.',
    payload: z
      .strictObject({
        featureSet,
        paymentsPerSecond: z.int().positive().default(2_000).meta({ description: 'Throttle.' }),
      })
      .meta({ id: 'BackfillRequest' }),
    attempts: 20,
    backoffMs: 5_000,
  },
  audit: {
    description: 'Recomputes served vectors offline and compares them.',
    payload: z
      .strictObject({
        featureSet,
        from: instant,
        to: instant.meta({ description: 'End of the range, itself outside.' }),
      })
      .meta({ id: 'AuditRequest' }),
    attempts: 3,
    backoffMs: 10_000,
  },
  train: {
    description: 'Trains, evaluates and registers a version of a model; unless told otherwise the gate follows.',
    payload: z
      .strictObject({
        model,
        trainingSet: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, 'must be the name of a training set, no path')
          .meta({ description: 'Name of the training set, as the job that made it answered.' }),
        parameters: z
          .record(z.string().regex(/^[a-z][a-z0-9_]{0,40}$/), z.union([z.number(), z.string().max(200), z.boolean()]))
          .default({})
          .meta({ description: 'Replace those of params.yaml, by name.' }),
        evaluate: z.boolean().default(true).meta({ description: 'Whether the job `evaluate` follows.' }),
        cause: trainingCause.optional(),
      })
      .meta({ id: 'TrainingRequest' }),
    // MLflow may be away for two minutes and more.
    attempts: 5,
    backoffMs: 30_000,
  },
  evaluate: {
    description: 'Holds a version against the gate: thresholds, the champion, calibration, fairness, latency.',
    payload: z.strictObject({ model, version: registryVersion }).meta({ id: 'EvaluationRequest' }),
    attempts: 5,
    backoffMs: 30_000,
  },
  promote: {
    description: 'Makes a version the champion, and records who wanted it and why.',
    payload: z
      .strictObject({
        model,
        version: registryVersion,
        ...changeRequest,
        override: z
          .boolean()
          .default(false)
          .meta({ description: 'Promote although the gate or the shadow time speaks against it. It is recorded.' }),
      })
      .meta({ id: 'PromotionRequest' }),
    attempts: 5,
    backoffMs: 2_000,
  },
  rollback: {
    description: 'Makes the champion before this one the champion again.',
    payload: z.strictObject({ model, ...changeRequest }).meta({ id: 'RollbackRequest' }),
    attempts: 5,
    backoffMs: 2_000,
  },
  monitor: {
    description: 'Counts a window of the ledger and holds it against training and the last good windows.',
    payload: z
      .strictObject({
        model,
        from: instant,
        to: instant.meta({ description: 'End of the window, itself outside.' }),
      })
      .meta({ id: 'MonitoringRequest' }),
    // MLflow or PostgreSQL may be away for a while.
    attempts: 20,
    backoffMs: 60_000,
  },
  'back-test': {
    description: 'Decides a range of the ledger anew by a policy and by the one that is live, and compares.',
    payload: z
      .strictObject({
        policy: policyName,
        version: policyVersion,
        against: policyVersion.optional().meta({
          description: 'Version that it is held against; what is published, or else what decided the newest payment.',
        }),
        from: instant,
        to: instant.meta({ description: 'End of the range, itself outside.' }),
        ...policyCosts,
      })
      .meta({ id: 'BackTestRequest' }),
    attempts: 5,
    backoffMs: 30_000,
  },
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<Name extends JobName> = z.output<(typeof JOBS)[Name]['payload']>;

/** What a training tells besides its share; each only where it makes sense. */
export interface ProgressDetails {
  /** As `tuning`. */
  stage?: string | undefined;
  trial?: number | undefined;
  trials?: number | undefined;
  /** Best value of what is tuned for, so far. */
  best?: number | undefined;
  etaSeconds?: number | undefined;
}

/** Why a job's signal is aborted; all but a cancelled job begins anew, here or at another worker. */
export type AbortReason = 'cancelled' | 'stopped' | 'taken over';

export interface JobContext {
  /** The same at every attempt. */
  jobId: string;
  /** Counts those that failed before, from 1; the same where a job begins anew because its worker ended. */
  attempt: number;
  /** 0 to 1, and what is done now. */
  progress: (share: number, step: string, details?: ProgressDetails) => Promise<void> | void;
  /** Aborted with an {@link AbortReason} as reason; a handler ends soon and leaves nothing half written. */
  signal: AbortSignal;
}

/** Every handler has this shape; its result is small, JSON, and shown to whoever asks for the job. */
export type JobHandler<Name extends JobName, Result = unknown> = (
  payload: JobPayload<Name>,
  context: JobContext,
) => Promise<Result>;
