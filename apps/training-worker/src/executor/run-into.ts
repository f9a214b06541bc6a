import { mkdir, rm } from 'node:fs/promises';
import type { Executor, Task } from './executor.js';

export interface Output<Result> {
  /** Directory that the command makes: not there when it begins, removed when it is over. */
  directory: string;
  /** Where that lies. */
  parent: string;
  /** Before the command begins, not where it is taken over from another worker. */
  prepare?: () => Promise<void>;
  /** @param said the command's line of kind `result` */
  read: (said: unknown) => Promise<Result>;
}

/** Runs a command into a directory of its own. What goes on without this worker keeps its directory. */
export async function runInto<Result>(executor: Executor, task: Task, output: Output<Result>): Promise<Result> {
  const clear = () => rm(output.directory, { recursive: true, force: true });
  if (!(await executor.isBegun(task))) {
    await output.prepare?.();
    await clear();
    await mkdir(output.parent, { recursive: true });
  }
  try {
    return await output.read(await executor.run(task));
  } finally {
    if (!executor.goesOn(task.signal)) await clear();
  }
}
