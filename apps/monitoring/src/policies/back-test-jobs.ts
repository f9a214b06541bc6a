import { Fault, type JobPayload } from '@vigia/contracts';
import type { PolicyRecord } from '@vigia/ledger';
import { jobIdOf, type Asking, type JobQueues, type JobView } from '@vigia/platform';
import { unknownVersion } from './policy-content.js';

/** Takes requests for back-tests and shows them. */
export class BackTestJobs {
  constructor(
    private readonly queues: JobQueues,
    private readonly record: PolicyRecord,
    private readonly now: () => number,
  ) {}

  /** @throws {Fault} `invalid_request`, `not_found`, `dependency_unavailable` */
  async add(payload: JobPayload<'back-test'>, asking: Asking): Promise<JobView> {
    const { policy, version, against, from, to } = payload;
    const errors = [
      ...(from < to ? [] : [{ field: 'to', message: 'must be after from: the range is empty' }]),
      ...(Date.parse(to) <= this.now() ? [] : [{ field: 'to', message: 'must not be in the future' }]),
    ];
    if (errors.length > 0) throw new Fault('invalid_request', { detail: 'The range makes no sense.', errors });
    for (const each of against === undefined ? [version] : [version, against]) {
      if ((await this.record.version(policy, each)) === null) throw unknownVersion(policy, each);
    }
    return this.read(await this.queues.addJob('back-test', payload, jobIdOf(asking)));
  }

  /** @throws {Fault} `not_found`, `dependency_unavailable` */
  async read(id: string): Promise<JobView> {
    return known(await this.queues.read('back-test', id));
  }

  /** @throws {Fault} `not_found`, `dependency_unavailable` */
  async cancel(id: string): Promise<JobView> {
    return known(await this.queues.cancel('back-test', id));
  }
}

function known(job: JobView | null): JobView {
  if (job) return job;
  throw new Fault('not_found', {
    detail: 'There is no back-test of this id in the queue. The version keeps the reports of those that ended.',
    errors: [{ field: 'id', message: 'is not known in this queue' }],
  });
}
