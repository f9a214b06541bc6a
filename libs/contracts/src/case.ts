import { z } from 'zod';
import { endToEndId, instant } from './identifiers.js';
import { fraudMarker, situation } from './outcome.js';

/** How a hold ended: by a person or the service, or with nobody's word. */
export const holdEnd = z.enum(['released', 'cancelled', 'ran_out']);
export type HoldEnd = z.infer<typeof holdEnd>;

/** What a note or a name must not hold: CPF, CNPJ, phone, e-mail. The record knows persons by pseudonyms alone. */
const CLEAR_IDENTIFIER = /[0-9](?:[ ./()-]{0,2}[0-9]){9,}|[^\s@]+@[^\s@]+\.[^\s@]+/;
const withoutIdentifiers = (text: string): boolean =>
  !CLEAR_IDENTIFIER.test(text.replace(/E[0-9A-Z]{8}[0-9]{12}\w{11}/g, ''));
const NO_IDENTIFIERS = 'must hold no CPF, CNPJ, phone number or e-mail; name the payment by its EndToEndId';

/** The person who does it, as the institution names its people. */
export const analyst = z.string().trim().min(1).max(100).meta({ description: 'The person who does it.' });

const text = z
  .string()
  .trim()
  .min(1)
  .max(4_000)
  .refine(withoutIdentifiers, NO_IDENTIFIERS)
  .meta({ description: 'Free text without identifiers of persons.' });

export const caseNote = z.strictObject({ by: analyst, text }).meta({ id: 'CaseNote' });
export type CaseNote = z.output<typeof caseNote>;

const assignment = {
  by: analyst,
  assignee: analyst.nullable().meta({ description: 'Who works on it from now on; null gives it back to the queue.' }),
  from: analyst.optional().meta({ description: 'Whom it is taken from, where it is somebody else’s.' }),
};
export const caseAssignment = z.strictObject(assignment).meta({ id: 'CaseAssignment' });
export type CaseAssignment = z.output<typeof caseAssignment>;

/** Most cases in one request. */
export const MAX_CASES = 200;

/** Cases are numbered. */
export const caseId = z.string().regex(/^[1-9][0-9]{0,17}$/, 'must be the number of a case');

export const caseAssignments = z
  .strictObject({ ...assignment, cases: z.array(caseId).min(1).max(MAX_CASES) })
  .meta({ id: 'CaseAssignments' });

const payments = z
  .array(endToEndId)
  .min(1)
  .max(500)
  .optional()
  .meta({ description: 'Payments that it is about; unset: all of the case that have none yet.' });

const verdict = {
  verdict: z.enum(['fraud', 'genuine']),
  situation: situation
    .exclude(['unknown'])
    .optional()
    .meta({ description: 'How the fraud was done, as the MED has it; required with `fraud`.' }),
  fraudMarker: fraudMarker
    .optional()
    .meta({ description: 'What the payee turned out to be, as DICT marks it; with `fraud` only.' }),
  payments,
  note: text.optional(),
};

interface Said {
  verdict: 'fraud' | 'genuine';
  situation?: unknown;
  fraudMarker?: unknown;
}

/** A fraud has its kind; what is genuine has none. */
function requireSense(said: Said, context: z.RefinementCtx): void {
  const refuse = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
  if (said.verdict === 'fraud') {
    if (said.situation === undefined) refuse('situation', 'is required with the verdict `fraud`');
    return;
  }
  if (said.situation !== undefined) refuse('situation', 'goes with the verdict `fraud` only');
  if (said.fraudMarker !== undefined) refuse('fraudMarker', 'goes with the verdict `fraud` only');
}

export const caseVerdict = z
  .strictObject({ by: analyst, ...verdict })
  .superRefine(requireSense)
  .meta({ id: 'CaseVerdict' });
export type CaseVerdict = z.output<typeof caseVerdict>;

export const caseVerdicts = z
  .strictObject({
    by: analyst,
    verdicts: z
      .array(z.strictObject({ case: caseId, ...verdict }).superRefine(requireSense))
      .min(1)
      .max(MAX_CASES),
  })
  .meta({ id: 'CaseVerdicts' });

export const caseHoldEnd = z
  .strictObject({ by: analyst, end: holdEnd.exclude(['ran_out']), payments, note: text.optional() })
  .meta({ id: 'CaseHoldEnd' });
export type CaseHoldEnd = z.output<typeof caseHoldEnd>;

/** A page of the queue. */
export const caseQuestion = z.strictObject({
  state: z.enum(['open', 'closed']).default('open'),
  assignee: analyst.optional(),
  unassigned: z.stringbool().optional(),
  /** Pseudonym of a person, as a case shows it. */
  payer: z.string().max(64).optional(),
  payee: z.string().max(64).optional(),
  dueBefore: instant.optional(),
  sort: z.enum(['loss', 'due', 'opened']).default('loss'),
  limit: z.coerce.number().int().min(1).max(MAX_CASES).default(50),
  after: z.string().max(200).optional(),
});
export type CaseQuestion = z.output<typeof caseQuestion>;
