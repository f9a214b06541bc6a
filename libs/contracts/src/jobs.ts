import { z } from 'zod';
import { instant } from './identifiers.js';

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
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<Name extends JobName> = z.output<(typeof JOBS)[Name]['payload']>;

export interface JobContext {
  /** 0 to 1, and what is done now. */
  progress: (share: number, step: string) => Promise<void> | void;
  /** Aborted when the job is cancelled or the service stops; a handler ends soon and leaves nothing half written. */
  signal: AbortSignal;
}

/** Every handler has this shape; its result is small, JSON, and shown to whoever asks for the job. */
export type JobHandler<Name extends JobName, Result = unknown> = (
  payload: JobPayload<Name>,
  context: JobContext,
) => Promise<Result>;
