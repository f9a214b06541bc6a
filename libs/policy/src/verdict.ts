import { decision } from '@vigia/contracts';
import { z } from 'zod';
import type { Verdict } from './policy-input.js';

const verdict = z.object({ decision, rules: z.array(z.string()) });

/**
 * What the graph answered, if it is a verdict.
 *
 * @throws Error naming what the last node must give
 */
export function verdictOf(result: unknown): Verdict {
  const parsed = verdict.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new Error(
    `the last node must give "decision" (approve, review or reject) and "rules" (a list of codes): ${z.prettifyError(parsed.error)}`,
  );
}
