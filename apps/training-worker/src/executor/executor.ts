import type { ProgressDetails } from '@vigia/contracts';

/** Commands of the Python package. */
export const COMMANDS = ['vigia-train', 'vigia-gate'] as const;
export type Command = (typeof COMMANDS)[number];

export interface Task {
  command: Command;
  args: string[];
  /** Names the log; the attempts of a job share it. */
  jobId: string;
  progress: (share: number, step: string, details?: ProgressDetails) => void;
  /** Aborted, the command ends with all that it started before `run` does. */
  signal: AbortSignal;
}

/** Where the commands of the Python package run. */
export interface Executor {
  /**
   * Runs a command to its end; answers its line of kind `result`.
   * @throws {Fault} `training_refused` with what it said, `dependency_unavailable`, `internal`
   * @throws the reason of `signal` where that was aborted
   */
  run(task: Task): Promise<unknown>;
}
