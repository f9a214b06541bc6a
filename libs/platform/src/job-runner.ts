import type { BeforeApplicationShutdown } from '@nestjs/common';
import { JobWorker, type JobWorkerParts } from './job-worker.js';

/** Takes jobs from the start of the service on. */
export class JobRunner implements BeforeApplicationShutdown {
  private readonly worker: JobWorker;

  constructor(parts: JobWorkerParts) {
    this.worker = JobWorker.start(parts);
  }

  /** Running jobs go back to their queues while all that they work with is still open. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }
}
