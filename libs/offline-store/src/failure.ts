import { Fault } from '@vigia/contracts';

/** An error of DuckDB or of the file system as one that says who must act. */
export function faultOf(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  if (/no space left|max_temp_directory_size|could not write|failed to offload/i.test(text)) {
    return new Fault('storage_full', {
      detail:
        'The disk is full. Free space where the offline store and the training sets lie, or take a shorter range.',
      cause: error,
    });
  }
  if (/out of memory/i.test(text)) {
    return new Fault('storage_full', {
      detail: 'The offline store needs more memory than its limit. Raise the limit, or take a shorter range.',
      cause: error,
    });
  }
  return error;
}
