import { appendFile, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepNewest } from '@vigia/registry';

/** As many as a queue keeps jobs that are over. */
const KEPT_LOGS = 1_000;
const JOB_ID = /^[A-Za-z0-9-]{1,80}$/;

/** What the commands of a job said, one file a job: `<directory>/<job>.log`. */
export class JobLogs {
  constructor(private readonly directory: string) {}

  /** A file to append to; the caller closes it. */
  async open(jobId: string) {
    await mkdir(this.directory, { recursive: true });
    await keepNewest(this.directory, KEPT_LOGS);
    return open(this.pathOf(jobId)!, 'a');
  }

  async note(jobId: string, line: string): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await appendFile(this.pathOf(jobId)!, `${line}\n`);
  }

  /** Null where there is none here. */
  async read(jobId: string): Promise<string | null> {
    const path = this.pathOf(jobId);
    if (path === null) return null;
    return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
  }

  /** Null for what no job is called: it may come from a URL. */
  private pathOf(jobId: string): string | null {
    return JOB_ID.test(jobId) ? join(this.directory, `${jobId}.log`) : null;
  }
}
