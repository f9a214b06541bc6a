import { evaluateExpressionSync, evaluateUnaryExpressionSync } from '@gorules/zen-engine';
import { z } from 'zod';

const column = z.looseObject({ id: z.string(), name: z.string(), field: z.string().nullish() });
const tableContent = z.looseObject({
  inputs: z.array(column),
  outputs: z.array(column),
  rules: z.array(z.record(z.string(), z.string())),
  inputField: z.string().nullish(),
});
const expressionContent = z.looseObject({
  expressions: z.array(z.looseObject({ key: z.string(), value: z.string() })),
});

const node = z.looseObject({ id: z.string(), name: z.string(), type: z.string(), content: z.unknown() });
/** A GoRules decision graph, as far as the checks here read it. */
const graph = z.looseObject({ nodes: z.array(node), edges: z.array(z.looseObject({})) });

/** A place in a table where an expression stands: a cell, or the field that heads a column. */
export interface Cell {
  /** `node "Hard rules", row 3, column "Amount"`. */
  place: string;
  /** Head of the column; empty when the cell is a condition of its own. */
  field: string;
  /** Empty: matches always. */
  text: string;
}

export interface Table {
  id: string;
  place: string;
  columns: { place: string; field: string }[];
  conditions: Cell[];
  /** Code and description of every row that has an output `rule`. */
  rules: { place: string; code: string; description: string }[];
  /** Reads the payment as a whole, not one part of it: only then its cells can be tried on their own. */
  whole: boolean;
}

export interface Jdm {
  tables: Table[];
  expressions: { nodeId: string; place: string; key: string }[];
}

/**
 * Reads a JDM file and finds what zen-engine 0.54 lets pass in silence: a missing cell, a cell that does not parse and
 * a cell that fails all count as "does not match", so that a rule would be lost without a word.
 *
 * @throws Error with the node, the row, the column and the remedy
 */
export function readJdm(text: string): Jdm {
  const parsed = graph.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new Error(`it is no decision graph: ${z.prettifyError(parsed.error)}; export it from the GoRules editor`);
  }
  const jdm: Jdm = { tables: [], expressions: [] };
  for (const { id, name, type, content } of parsed.data.nodes) {
    const place = `node "${name}"`;
    if (type === 'decisionTableNode') jdm.tables.push(readTable(id, place, contentOf(tableContent, content, place)));
    if (type === 'expressionNode') {
      for (const { key, value } of contentOf(expressionContent, content, place).expressions) {
        const at = `${place}, expression "${key}"`;
        assertParses(at, () => evaluateExpressionSync(value, {}));
        jdm.expressions.push({ nodeId: id, place: at, key });
      }
    }
  }
  return jdm;
}

function readTable(
  id: string,
  place: string,
  { inputs, outputs, rules, inputField }: z.infer<typeof tableContent>,
): Table {
  const table: Table = { id, place, columns: [], conditions: [], rules: [], whole: !inputField };
  for (const { name, field } of inputs) {
    const at = `${place}, column "${name}"`;
    if (!field) continue;
    assertParses(at, () => evaluateExpressionSync(field, {}));
    table.columns.push({ place: at, field });
  }
  for (const [index, row] of rules.entries()) {
    const rowPlace = `${place}, row ${index + 1}`;
    for (const { id: columnId, name, field } of [...inputs, ...outputs]) {
      const text = row[columnId];
      const at = `${rowPlace}, column "${name}"`;
      if (text === undefined)
        throw new Error(`${at}: the cell is missing and the row would never match; leave it empty`);
      if (outputs.some((output) => output.id === columnId))
        assertParses(at, () => text && evaluateExpressionSync(text, {}));
      else table.conditions.push({ place: at, field: field ?? '', text });
    }
    const rule = outputs.find((output) => output.field === 'rule');
    if (rule)
      table.rules.push({ place: rowPlace, code: codeOf(row[rule.id]!), description: row['_description'] ?? '' });
  }
  for (const { place: at, field, text } of table.conditions) assertParses(at, () => tryCell(field, text, null, {}));
  return table;
}

/** Evaluates a condition against the context of its node. */
export function tryCell(field: string, text: string, value: unknown, context: object): unknown {
  if (text.trim() === '') return true;
  return field ? evaluateUnaryExpressionSync(text, { ...context, $: value }) : evaluateExpressionSync(text, context);
}

/** zen-engine's message without its backtrace. */
export function engineMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0]!;
}

function assertParses(place: string, evaluate: () => unknown): void {
  try {
    evaluate();
  } catch (error) {
    const message = engineMessage(error);
    if (/"type":"(parser|lexer|compiler)Error"/.test(message)) {
      throw new Error(`${place}: the expression does not parse (${message}); correct it in the GoRules editor`);
    }
  }
}

function codeOf(output: string): string {
  return /^"([^"]*)"$/.exec(output.trim())?.[1] ?? '';
}

function contentOf<T>(schema: z.ZodType<T>, content: unknown, place: string): T {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`${place} is not as the GoRules editor writes it: ${z.prettifyError(parsed.error)}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`it is not JSON: ${(error as Error).message}; export it from the GoRules editor`);
  }
}
