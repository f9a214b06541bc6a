import type { ProgressDetails } from '@vigia/contracts';

/** Commands of the Python package. */
export const COMMANDS = ['vigia-train', 'vigia-gate'] as const;
export type Command = (typeof COMMANDS)[number];

/** A command's place in the life of a job. */
export interface Attempt {
  command: Command;
  /** Names the log; the attempts of a job share it. */
  jobId: string;
  attempt: number;
}

export interface Task extends Attempt {
  args: string[];
  progress: (share: number, step: string, details?: ProgressDetails) => void;
  /**
   * Aborted, the command ends with all that it started before `run` does; but see {@link Executor.goesOn}. Its reason is
   * an `AbortReason`.
   */
  signal: AbortSignal;
}

/** Where the commands of the Python package run. */
export interface Executor {
  /**
   * Runs a command to its end; answers its line of kind `result`. One that was begun before goes on: see
   * {@link isBegun}.
   * @throws {Fault} `training_refused` with what it said, `limit_exceeded`, `no_capacity`, `dependency_unavailable`,
   * `internal`
   * @throws the reason of `signal` where that was aborted
   */
  run(task: Task): Promise<unknown>;

  /** Whether a worker that is no more began this attempt, so that `run` takes it over instead of starting it. */
  isBegun(task: Pick<Task, keyof Attempt | 'progress' | 'signal'>): Promise<boolean>;

  /** Whether the command goes on without this worker once `signal` was aborted: what it works with must stay. */
  goesOn(signal: AbortSignal): boolean;
}
