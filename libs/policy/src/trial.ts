import { evaluateExpressionSync, type ZenDecision, type ZenEngineTrace } from '@gorules/zen-engine';
import type { PolicyInput, Verdict } from './policy-input.js';
import { engineMessage, tryCell, type Jdm, type Table } from './jdm.js';
import type { PolicySettings } from './settings.js';
import { verdictOf } from './verdict.js';

/** R$ 150.00 by key, by day, from a registered device, to nobody's suspicion. */
export const ordinaryPayment: PolicyInput = {
  side: 'payer',
  amountCents: 15_000,
  initiationForm: 'DICT',
  purpose: 'IPAY',
  payer: { legalPerson: false, blocked: false },
  payee: { legalPerson: false, blocked: false },
  dictRestriction: null,
  device: { present: true, registered: true },
  unregisteredDeviceDayCents: null,
  night: false,
  nightSumCents: null,
  nightLimitCents: null,
  trustedPayee: false,
  probability: 0.001,
  degraded: [],
};

/** Payments that every policy must answer; together they fill every field of the input at least once. */
const probes: PolicyInput[] = (['payer', 'payee'] as const).flatMap((side) =>
  [
    {},
    { amountCents: 1 },
    { amountCents: 99_999_999_99 },
    { purpose: 'IPRT' as const, initiationForm: 'MANU' as const },
    { payer: { legalPerson: true, blocked: true } },
    { payee: { legalPerson: true, blocked: true } },
    { dictRestriction: 'entry_blocked' as const },
    { device: { present: false, registered: null } },
    { device: { present: true, registered: false }, unregisteredDeviceDayCents: 100_001, amountCents: 20_001 },
    { night: true, nightSumCents: 100_001, nightLimitCents: 50_000 },
    { night: true, nightSumCents: 15_000, trustedPayee: true },
    { night: true, probability: null, degraded: ['features', 'model'] as const, amountCents: 500_000 },
    { probability: 0 },
    { probability: 0.5 },
    { probability: 1 },
  ].map((part) => ({ ...ordinaryPayment, side, ...part })),
);

/**
 * Lets the policy answer the probes and tries every cell on them.
 *
 * @throws Error with the node, the row, the column and the remedy
 */
export async function tryOut(jdm: Jdm, decision: ZenDecision, settings: PolicySettings): Promise<void> {
  const contexts = new Map<string, object[]>();
  const seen = new Set<string>();
  for (const probe of probes) {
    const trace = await traceOf(jdm, decision, probe, settings);
    const $nodes = Object.fromEntries(Object.values(trace).map(({ name, output }) => [name, output]));
    for (const { id, input, output } of Object.values(trace)) {
      contexts.set(id, [...(contexts.get(id) ?? []), { ...input, $nodes }]);
      for (const [key, value] of Object.entries(output ?? {})) if (value !== null) seen.add(`${id} ${key}`);
    }
  }
  for (const { nodeId, place, key } of jdm.expressions) {
    if (!seen.has(`${nodeId} ${key}`)) throw new Error(`${place} is null for every trial payment: is a name misspelt?`);
  }
  for (const table of jdm.tables) if (table.whole) tryTable(table, contexts.get(table.id) ?? []);
}

function tryTable({ columns, conditions }: Table, contexts: object[]): void {
  const values = new Map<string, unknown[]>();
  for (const { place, field } of columns) {
    const column = contexts.map((context) => valueOf(field, context));
    if (column.every((value) => value === null)) {
      throw new Error(`${place}: "${field}" is null for every trial payment; is the name misspelt?`);
    }
    values.set(field, column);
  }
  for (const { place, field, text } of conditions) {
    for (const [index, context] of contexts.entries()) {
      const value = values.get(field)?.[index] ?? null;
      if (field && value === null) continue;
      try {
        tryCell(field, text, value, context);
      } catch (error) {
        throw new Error(
          `${place}: "${text}" fails (${engineMessage(error)}) and would never match; is a name misspelt?`,
        );
      }
    }
  }
}

function valueOf(field: string, context: object): unknown {
  try {
    return evaluateExpressionSync(field, context) ?? null;
  } catch {
    return null;
  }
}

async function traceOf(
  jdm: Jdm,
  decision: ZenDecision,
  probe: PolicyInput,
  settings: PolicySettings,
): Promise<Record<string, ZenEngineTrace>> {
  const answer = await decision.evaluate({ ...probe, settings }, { trace: true }).catch((error: unknown) => {
    throw new Error(`a trial payment fails: ${nodeNamed(jdm, engineMessage(error))}`);
  });
  const verdict: Verdict = verdictOf(answer.result);
  const known = new Set(jdm.tables.flatMap((table) => table.rules.map((rule) => rule.code)));
  const unknown = verdict.rules.find((rule) => !known.has(rule));
  if (unknown) throw new Error(`rule "${unknown}" is in no table's column "rule"; give it a row`);
  return answer.trace ?? {};
}

/** The engine names a failing node by its id; people know it by its name. */
function nodeNamed(jdm: Jdm, message: string): string {
  const id = /"nodeId":"([^"]+)"/.exec(message)?.[1];
  const place =
    jdm.tables.find((table) => table.id === id)?.place ?? jdm.expressions.find((e) => e.nodeId === id)?.place;
  return place ? `${place.split(',')[0]}: ${message}` : message;
}
