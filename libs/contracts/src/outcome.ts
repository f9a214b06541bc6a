import { z } from 'zod';
import { endToEndId, instant } from './identifiers.js';

/** `SituationType` of a DICT infraction report. */
export const situation = z.enum(['scam', 'account_takeover', 'coercion', 'fraudulent_access', 'other', 'unknown']);
export type Situation = z.infer<typeof situation>;

/** `FraudType` of a DICT fraud marker: what the payee turned out to be. */
export const fraudMarker = z.enum(['application_fraud', 'mule_account', 'scammer_account', 'other']);

/** What became known of a payment: a MED report and its result, or an analyst's verdict. Contested is not yet fraud. */
export const outcome = z
  .strictObject({
    endToEndId,
    source: z.enum(['med', 'analyst', 'customer', 'import']),
    result: z.enum(['open', 'agreed', 'disagreed']),
    situation: situation.default('unknown'),
    fraudMarker: fraudMarker.optional(),
    reportId: z.string().min(1).max(64).optional(),
    /** When it became known; a label counts from this moment on, never before. */
    knownAt: instant,
  })
  .meta({ id: 'Outcome' });
export type Outcome = z.infer<typeof outcome>;
export type OutcomeInput = z.input<typeof outcome>;
