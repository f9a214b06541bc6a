import { JobLogs } from './job-logs.js';
import { ProcessExecutor } from './process-executor.js';

/** Runs `vigia-train` of a directory (argument 1; logs to argument 2) until somebody kills this process. */
const [directory, logs] = process.argv.slice(2);
const executor = new ProcessExecutor({
  directory: directory!,
  logs: new JobLogs(logs!),
  graceMs: 500,
  now: Date.now,
});
void executor.run({
  command: 'vigia-train',
  args: [],
  jobId: 'job-1',
  attempt: 1,
  progress: (_, step) => console.log(step),
  signal: new AbortController().signal,
});
