import { Fault } from '@vigia/contracts';

/**
 * Is it the row that PostgreSQL refuses (class 22 data exception, 23 integrity constraint)? Every other error, without a
 * code or with one (shutdown, cancelled, disk full, read-only replica, schema not there yet), means that PostgreSQL does
 * not take assessments now.
 */
export function isRefusedRow(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^2[23][0-9A-Z]{3}$/.test(code);
}

/**
 * A row that was on its way to the default partition when the partition of its day was attached: the check violation
 * (23514) names a table and no constraint. The same statement sent again finds the new partition.
 */
export function isOvertakenByPartition(error: unknown): boolean {
  const { code, table, constraint } = (error ?? {}) as { code?: string; table?: string; constraint?: string };
  return code === '23514' && table === 'assessment_default' && constraint === undefined;
}

/** Runs a query of a person or a job; an error of PostgreSQL becomes `dependency_unavailable`. */
export async function asking<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (cause) {
    if (cause instanceof Fault || cause instanceof RangeError || isRefusedRow(cause)) throw cause;
    throw new Fault('dependency_unavailable', { detail: 'PostgreSQL does not answer', retryAfterS: 1, cause });
  }
}
