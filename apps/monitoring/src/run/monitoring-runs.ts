import { Fault, type JobPayload } from '@vigia/contracts';
import type { JobQueues, JobView } from '@vigia/platform';

/** Takes requests for runs and shows them. */
export class MonitoringRuns {
  constructor(
    private readonly queues: JobQueues,
    private readonly now: () => number,
  ) {}

  /** @throws {Fault} `invalid_request`, `dependency_unavailable` */
  async add(payload: JobPayload<'monitor'>): Promise<JobView> {
    const { model, from, to } = payload;
    const errors = [
      ...(from < to ? [] : [{ field: 'to', message: 'must be after from: the window is empty' }]),
      ...(Date.parse(to) <= this.now() ? [] : [{ field: 'to', message: 'must not be in the future' }]),
    ];
    if (errors.length > 0) throw new Fault('invalid_request', { detail: 'The window makes no sense.', errors });
    const id = `${model}-${Date.parse(from)}-${Date.parse(to)}`;
    return this.read(await this.queues.addJob('monitor', payload, id));
  }

  /** @throws {Fault} `not_found`, `dependency_unavailable` */
  async read(id: string): Promise<JobView> {
    const job = await this.queues.read('monitor', id);
    if (job) return job;
    throw new Fault('not_found', {
      detail: 'There is no run of this id. Runs that are over are kept for 30 days, at most 1,000.',
      errors: [{ field: 'id', message: 'is not known in this queue' }],
    });
  }
}
