import { randomUUID } from 'node:crypto';
import { Fault, type JobName, type JobPayload } from '@vigia/contracts';
import { jobIdOf, type Asking, type JobQueues, type JobView } from '@vigia/platform';

/** The jobs of this service; the others of the catalogue belong to another. */
export const OWN_JOBS = ['train', 'evaluate', 'promote', 'rollback'] as const satisfies JobName[];
export type OwnJob = (typeof OWN_JOBS)[number];

/** Adds, shows and cancels jobs. */
export class OwnJobs {
  constructor(private readonly queues: JobQueues) {}

  /**
   * The same caller's same key answers the job that is there.
   * @throws {Fault} `invalid_request`, `idempotency_key_reused`, `dependency_unavailable`
   */
  async add<Name extends OwnJob>(name: Name, payload: JobPayload<Name>, asking: Asking): Promise<JobView> {
    // Never a number of the queue: runs and changes are kept under it for longer than the queue lives.
    const jobId = jobIdOf(asking) ?? randomUUID();
    return this.read(name, await this.queues.addJob(name, payload, jobId));
  }

  /** @throws {Fault} `not_found`, `dependency_unavailable` */
  async read(queue: string, id: string): Promise<JobView> {
    return found(await this.queues.read(queueNamed(queue), id));
  }

  recent(queue: OwnJob, limit: number): Promise<JobView[]> {
    return this.queues.recent(queue, limit);
  }

  /** @throws {Fault} `not_found`, `dependency_unavailable` */
  async cancel(queue: string, id: string): Promise<JobView> {
    return found(await this.queues.cancel(queueNamed(queue), id));
  }
}

function queueNamed(name: string): OwnJob {
  const own = OWN_JOBS.find((each) => each === name);
  if (own) return own;
  const known = OWN_JOBS.join(', ');
  throw new Fault('not_found', {
    detail: `There is no such queue here. There are ${known}.`,
    errors: [{ field: 'queue', message: `must be one of ${known}` }],
  });
}

function found(job: JobView | null): JobView {
  if (job) return job;
  throw new Fault('not_found', {
    detail: 'This queue has no job of this id. Jobs that are over are kept for 30 days, at most 1,000 of a queue.',
    errors: [{ field: 'id', message: 'is not known in this queue' }],
  });
}
