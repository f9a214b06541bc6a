import { Fault, type JobName, type JobPayload } from '@vigia/contracts';
import { JobQueues, jobIdOf, type Asking, type JobView } from '@vigia/platform';
import { requireServed } from '../feature-sets.js';

/** The jobs of this service; the others of the catalogue belong to another. */
export const OWN_JOBS = ['training-set', 'backfill', 'audit'] as const satisfies JobName[];
export type OwnJob = (typeof OWN_JOBS)[number];

/** Takes requests for jobs, shows and cancels them. What can be refused now is refused now, not in the job. */
export class JobsService {
  constructor(
    private readonly queues: JobQueues,
    private readonly served: string,
    private readonly now: () => number,
  ) {}

  /**
   * The same caller's same key answers the job that is there.
   * @throws {Fault} `invalid_request`, `cut_off_before_range`, `idempotency_key_reused`, `dependency_unavailable`
   */
  async add<Name extends OwnJob>(name: Name, payload: JobPayload<Name>, asking: Asking): Promise<JobView> {
    requireServed(payload.featureSet, this.served, 'featureSet');
    if ('to' in payload) requireRange(payload, new Date(this.now()).toISOString());
    return this.read(name, await this.queues.addJob(name, payload, jobIdOf(asking)));
  }

  /** @throws {Fault} `not_found`, `dependency_unavailable` */
  async read(queue: string, id: string): Promise<JobView> {
    return found(await this.queues.read(queueNamed(queue), id));
  }

  /** @throws {Fault} `not_found`, `dependency_unavailable` */
  async cancel(queue: string, id: string): Promise<JobView> {
    return found(await this.queues.cancel(queueNamed(queue), id));
  }
}

/** Instants of one form and width: their order as text is their order in time. */
function requireRange({ from, to, labelCutOff }: Range, now: string): void {
  const errors = [
    ...(from < to ? [] : [{ field: 'to', message: 'must be after from: the range is empty' }]),
    ...(to <= now ? [] : [{ field: 'to', message: 'must not be in the future: what it holds is not known yet' }]),
    ...(labelCutOff === undefined || labelCutOff <= now
      ? []
      : [{ field: 'labelCutOff', message: 'must not be in the future: labels are still to come' }]),
  ];
  if (errors.length > 0) {
    throw new Fault('invalid_request', { detail: 'The times do not fit together; see errors.', errors });
  }
  if (labelCutOff !== undefined && labelCutOff < from) {
    throw new Fault('cut_off_before_range', {
      detail: 'No row of the range could have a label. Choose a cut-off behind the range, by the time a label takes.',
      errors: [{ field: 'labelCutOff', message: 'must not be before from' }],
    });
  }
}

interface Range {
  from: string;
  to: string;
  labelCutOff?: string;
}

function queueNamed(name: string): OwnJob {
  const own = OWN_JOBS.find((each) => each === name);
  if (own) return own;
  const known = OWN_JOBS.join(', ');
  throw new Fault('not_found', {
    detail: `There is no such queue. There are ${known}.`,
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
