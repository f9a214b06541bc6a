import { decision, type Decision } from '@vigia/contracts';
import { z } from 'zod';
import { issuesOf } from './jdm.js';

/** The outcome, and the codes of all rules that fired, in the order of the tables. */
export interface Verdict {
  decision: Decision;
  rules: string[];
}

/** What to answer when the policy itself fails: a person looks at it. */
export const SAFEST_VERDICT: Verdict = { decision: 'review', rules: ['policy_unavailable'] };

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
    `the last node must give "decision" (approve, review or reject) and "rules" (a list of codes): ${issuesOf(parsed.error)}`,
  );
}
