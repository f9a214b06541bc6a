import type { JobName } from '@vigia/contracts';
import type { Logger } from './log.js';
import type { JobQueues } from './queues.js';

const RETRY_MS = 5_000;

/** Sets the schedule of a job, or ends that of an earlier start (0 ms); goes on trying while the queues are away. */
export class JobSchedule {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queues: JobQueues,
    private readonly name: JobName,
    private readonly everyMs: number,
    private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    try {
      await this.queues.schedule(this.name, this.everyMs);
    } catch (error) {
      this.logger.warn({ err: error, queue: this.name }, 'the schedule of a job could not be set; it is tried again');
      this.timer = setTimeout(() => void this.onModuleInit(), RETRY_MS).unref();
    }
  }

  beforeApplicationShutdown(): void {
    clearTimeout(this.timer);
  }
}
