import type { JobPayload } from '@vigia/contracts';
import type { JobQueues, Logger } from '@vigia/platform';

/** How long after its end a range is audited: by then its records are committed, the spool's short outages included. */
const SETTLED_MS = 60_000;
const RETRY_MS = 5_000;

/**
 * The range of an audit that was scheduled for this moment: the last whole stretch of `everyMs` that is settled.
 * Stretches lie on a fixed grid, so that none is left out when the service starts anew.
 */
export function auditPayload(featureSet: string, everyMs: number, atMs: number): JobPayload<'audit'> {
  const toMs = Math.floor((atMs - SETTLED_MS) / everyMs) * everyMs;
  return { featureSet, from: new Date(toMs - everyMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** Sets the schedule, or ends that of an earlier start; goes on trying while the queues are away. */
export class AuditSchedule {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queues: JobQueues,
    private readonly everyMs: number,
    private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    try {
      await this.queues.schedule('audit', this.everyMs);
    } catch (error) {
      this.logger.warn({ err: error }, 'the schedule of the audit could not be set; it is tried again');
      this.timer = setTimeout(() => void this.onModuleInit(), RETRY_MS).unref();
    }
  }

  beforeApplicationShutdown(): void {
    clearTimeout(this.timer);
  }
}
