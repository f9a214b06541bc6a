import type { Action, Decision, Side } from '@vigia/contracts';
import { holdDeadline, holdMinutes } from '@vigia/spi';
import { holdRuleOf, type PolicySettings } from './settings.js';

/**
 * What a decision means on the wire.
 * Payer's side: send, hold (Manual de Tempos 7.0; then PAGFRD or cancel), do not send.
 * Payee's side: ACSP, ACSP and a precautionary block (Resolução BCB 147/2021), RJCT with FRAD.
 *
 * @param atMs the moment the term runs from, ms since 1970: `AccptncDtTm` on the payer's side, the arrival on the payee's
 */
export function actionFor(decision: Decision, side: Side, atMs: number, settings: PolicySettings): Action {
  return side === 'payer' ? payerAction(decision, atMs, settings) : payeeAction(decision, atMs, settings);
}

function payerAction(decision: Decision, atMs: number, settings: PolicySettings): Action {
  if (decision === 'approve') return { kind: 'send' };
  if (decision === 'reject') return { kind: 'do_not_send' };
  const rule = holdRuleOf(settings);
  const until = new Date(holdDeadline(atMs, rule)).toISOString();
  return { kind: 'hold', minutes: holdMinutes(atMs, rule), until, priority: 'PAGFRD' };
}

function payeeAction(decision: Decision, atMs: number, settings: PolicySettings): Action {
  if (decision === 'approve') return { kind: 'accept', status: 'ACSP' };
  if (decision === 'reject') return { kind: 'refuse', status: 'RJCT', reason: 'FRAD' };
  const hours = settings.precautionaryBlockHours;
  return { kind: 'accept_and_block', status: 'ACSP', hours, until: new Date(atMs + hours * 3_600_000).toISOString() };
}
