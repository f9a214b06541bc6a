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

/** Runs a query of a person or a job; an error of PostgreSQL becomes `dependency_unavailable`. */
export async function asking<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (cause) {
    if (cause instanceof Fault || cause instanceof RangeError || isRefusedRow(cause)) throw cause;
    throw new Fault('dependency_unavailable', { detail: 'PostgreSQL does not answer', retryAfterS: 1, cause });
  }
}
