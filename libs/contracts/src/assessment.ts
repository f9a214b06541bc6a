import { z } from 'zod';
import { endToEndId, instant } from './identifiers.js';
import { side } from './payment.js';

export const decision = z.enum(['approve', 'review', 'reject']);
export type Decision = z.infer<typeof decision>;

/** What the decision means on the wire, for the side that asked. */
export const action = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('send') }),
    /** Payer side: keep the order, then send it with SvcLvl PAGFRD or cancel it (Manual de Tempos 7.0). */
    z.object({ kind: z.literal('hold'), minutes: z.int().positive(), until: instant, priority: z.literal('PAGFRD') }),
    z.object({ kind: z.literal('do_not_send') }),
    z.object({ kind: z.literal('accept'), status: z.literal('ACSP') }),
    /** Payee side: settle, then block the money as a precaution (Resolução BCB 147/2021). */
    z.object({
      kind: z.literal('accept_and_block'),
      status: z.literal('ACSP'),
      hours: z.int().positive(),
      until: instant,
    }),
    z.object({ kind: z.literal('refuse'), status: z.literal('RJCT'), reason: z.literal('FRAD') }),
  ])
  .meta({ id: 'Action' });
export type Action = z.infer<typeof action>;

/** Why: a rule that fired (no contribution) or a feature and its share of the score in log-odds (TreeSHAP). */
export const reason = z
  .object({
    code: z.string(),
    feature: z.string().optional(),
    value: z.number().nullable().optional(),
    contribution: z.number().optional(),
    pt: z.string(),
    en: z.string(),
  })
  .meta({ id: 'Reason' });
export type Reason = z.infer<typeof reason>;

/** What was away when the decision was taken. */
export const degradation = z.enum(['features', 'model', 'policy', 'ledger']);
export type Degradation = z.infer<typeof degradation>;

export const assessment = z
  .object({
    endToEndId,
    side,
    decision,
    action,
    /** Calibrated probability of fraud; null when no model scored. */
    probability: z.number().min(0).max(1).nullable(),
    reasons: z.array(reason),
    warnings: z.array(z.string()),
    degraded: z.array(degradation),
    model: z.object({ name: z.string(), version: z.string() }).nullable(),
    policy: z.object({ name: z.string(), version: z.string() }),
    featureSet: z.object({ name: z.string(), hash: z.string() }),
    decidedAt: instant,
  })
  .meta({ id: 'Assessment' });
export type Assessment = z.infer<typeof assessment>;
