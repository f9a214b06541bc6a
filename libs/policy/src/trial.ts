import { evaluateExpressionSync, type ZenDecision, type ZenEngineTrace } from '@gorules/zen-engine';
import { engineMessage, tryCell, type Jdm, type Table } from './jdm.js';
import type { PolicyInput } from './policy-input.js';
import { probePayments } from './probe-payments.js';
import { verdictOf } from './verdict.js';

/**
 * Lets the policy answer the probe payments and tries every cell on them, as a cell that fails would never match.
 *
 * @throws Error with the node, the row, the column and the remedy
 */
export async function tryOut(jdm: Jdm, decision: ZenDecision): Promise<void> {
  const contexts = new Map<string, object[]>();
  const given = new Set<string>();
  for (const probe of probePayments) {
    const trace = Object.values(await traceOf(jdm, decision, probe));
    const $nodes = Object.fromEntries(trace.map(({ name, output }) => [name, output]));
    for (const { id, input, output } of trace) {
      contexts.set(id, [...(contexts.get(id) ?? []), { ...input, $nodes }]);
      for (const [key, value] of Object.entries(output ?? {})) if (value !== null) given.add(`${id} ${key}`);
    }
  }
  for (const { nodeId, place, key } of jdm.expressions) {
    if (contexts.has(nodeId) && !given.has(`${nodeId} ${key}`))
      throw new Error(`${place} is null for every trial payment; correct its names`);
  }
  for (const table of jdm.tables) {
    const reached = contexts.get(table.id);
    if (table.whole && reached) tryTable(table, reached);
  }
}

function tryTable({ columns, cells }: Table, contexts: object[]): void {
  const values = new Map(columns.map(({ field }) => [field, contexts.map((context) => valueOf(field, context))]));
  for (const { place: at, field } of columns) {
    if (values.get(field)!.every((value) => value === null)) {
      throw new Error(`${at}: ${field} is null for every trial payment; correct its names`);
    }
  }
  for (const { place: at, field, text } of cells) {
    for (const [index, context] of contexts.entries()) {
      const value = values.get(field)?.[index] ?? null;
      // Nothing is greater or less than null: such a cell fails and does not match, as it should.
      if (field && value === null) continue;
      try {
        tryCell(field, text, value, context);
      } catch (error) {
        const message = engineMessage(error);
        throw new Error(`${at}: ${text} fails (${message}) and would never match; correct its names`, { cause: error });
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

async function traceOf(jdm: Jdm, decision: ZenDecision, probe: PolicyInput): Promise<Record<string, ZenEngineTrace>> {
  const answer = await decision.evaluate(probe, { trace: true }).catch((error: unknown) => {
    throw new Error(`a trial payment fails: ${nodeNamed(jdm, engineMessage(error))}`, { cause: error });
  });
  const { rules } = verdictOf(answer.result);
  const unknown = rules.find((rule) => !jdm.tables.some((table) => table.rules.some(({ code }) => code === rule)));
  if (unknown !== undefined) throw new Error(`the rule "${unknown}" stands in no table's column "rule"; give it a row`);
  return answer.trace ?? {};
}

/** The engine names a failing node by its id; people know it by its name. */
function nodeNamed(jdm: Jdm, message: string): string {
  const id = /"nodeId":"([^"]+)"/.exec(message)?.[1];
  const name = jdm.graph.nodes.find((node) => node.id === id)?.name;
  return name === undefined ? message : `node "${name}" (${message}); correct it in the GoRules editor`;
}
