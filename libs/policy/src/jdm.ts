import { evaluateExpressionSync, evaluateUnaryExpressionSync } from '@gorules/zen-engine';
import { z } from 'zod';
import type { PolicySettings } from './settings.js';

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
const edge = z.looseObject({ id: z.string(), sourceId: z.string(), targetId: z.string() });
/** A GoRules decision graph, as far as it is read here. */
const graph = z.looseObject({ nodes: z.array(node), edges: z.array(edge) });

/** A condition in a table. */
export interface Cell {
  /** `node "Hard rules", row 3, column "Amount"`. */
  place: string;
  /** What the column compares; empty when the cell is a whole condition. */
  field: string;
  /** Empty: matches always. */
  text: string;
}

export interface Table {
  id: string;
  place: string;
  columns: { place: string; field: string }[];
  cells: Cell[];
  /** Rows that answer a rule: its code, and the text that the analyst gave the row. */
  rules: { place: string; code: string; description: string }[];
  /** Reads the payment, not a list within it. */
  whole: boolean;
}

export interface Jdm {
  graph: z.infer<typeof graph>;
  tables: Table[];
  expressions: { nodeId: string; place: string; key: string }[];
}

/**
 * Reads a JDM graph and finds what zen-engine 0.54 lets pass in silence: a cell that is missing, does not parse or fails
 * counts as "does not match", so that a rule would be lost without a word.
 *
 * @throws Error with the node, the row, the column and the remedy
 */
export function readJdm(content: unknown): Jdm {
  const jdm: Jdm = { graph: shaped(graph, content, 'it'), tables: [], expressions: [] };
  for (const { id, name, type, content } of jdm.graph.nodes) {
    const place = `node "${name}"`;
    assertConnected(jdm, id, type, place);
    if (type === 'decisionTableNode') jdm.tables.push(readTable(id, place, shaped(tableContent, content, place)));
    if (type === 'expressionNode') {
      for (const { key, value } of shaped(expressionContent, content, place).expressions) {
        const at = `${place}, expression "${key}"`;
        assertParses(at, value, () => evaluateExpressionSync(value, {}));
        jdm.expressions.push({ nodeId: id, place: at, key });
      }
    }
  }
  return jdm;
}

function readTable(id: string, place: string, content: z.infer<typeof tableContent>): Table {
  const table: Table = { id, place, columns: [], cells: [], rules: [], whole: !content.inputField };
  for (const { name, field } of content.inputs) {
    if (!field) continue;
    const at = `${place}, column "${name}"`;
    assertParses(at, field, () => evaluateExpressionSync(field, {}));
    table.columns.push({ place: at, field });
  }
  for (const [index, row] of content.rules.entries()) readRow(`${place}, row ${index + 1}`, row, content, table);
  return table;
}

function readRow(
  place: string,
  row: Record<string, string>,
  { inputs, outputs }: z.infer<typeof tableContent>,
  table: Table,
): void {
  const cellOf = ({ id, name }: z.infer<typeof column>): { at: string; text: string } => {
    const at = `${place}, column "${name}"`;
    const text = row[id];
    if (text === undefined) throw new Error(`${at}: the cell is missing and the row would never match; write it empty`);
    return { at, text };
  };
  for (const input of inputs) {
    const { at, text } = cellOf(input);
    const field = input.field ?? '';
    assertParses(at, text, () => tryCell(field, text, null, {}));
    table.cells.push({ place: at, field, text });
  }
  for (const output of outputs) {
    const { at, text } = cellOf(output);
    assertParses(at, text, () => evaluateExpressionSync(text, {}));
    if (output.field !== 'rule') continue;
    const code = /^"([a-z0-9_]+)"$/.exec(text.trim())?.[1];
    if (!code) throw new Error(`${at}: ${text} is no code of a rule; write a-z, 0-9 and _ in quotes, as "night_limit"`);
    table.rules.push({ place, code, description: row['_description'] ?? '' });
  }
}

/** Evaluates a condition against the context of its node. */
export function tryCell(field: string, text: string, value: unknown, context: object): unknown {
  if (text.trim() === '') return true;
  return field ? evaluateUnaryExpressionSync(text, { ...context, $: value }) : evaluateExpressionSync(text, context);
}

/**
 * The graph with a node behind its input that adds `settings` to every payment. Handing them over with each payment
 * costs five times as much of the event loop.
 */
export function withSettings({ graph: { nodes, edges, ...rest } }: Jdm, settings: PolicySettings): object {
  const key = 'settings';
  const inputs = nodes.filter(({ type }) => type === 'inputNode').map(({ id }) => id);
  const content = {
    expressions: [{ id: key, key, value: JSON.stringify(settings) }],
    passThrough: true,
    executionMode: 'single',
  };
  return {
    ...rest,
    nodes: [...nodes, { id: key, name: key, type: 'expressionNode', content }],
    edges: [
      ...edges.map((each) => (inputs.includes(each.sourceId) ? { ...each, sourceId: key } : each)),
      ...inputs.map((id) => ({ id: `${id}-${key}`, type: 'edge', sourceId: id, targetId: key })),
    ],
  };
}

/** zen-engine's message without its backtrace. */
export function engineMessage(error: unknown): string {
  const message = String((error as Partial<Error> | null)?.message ?? error);
  return message.split('\n')[0]!;
}

/** What a schema found, on one line. */
export function issuesOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

/** A node without an edge runs, on nothing or for nothing. */
function assertConnected({ graph: { edges } }: Jdm, id: string, type: string, place: string): void {
  const led = type === 'inputNode' || edges.some(({ targetId }) => targetId === id);
  const leads = type === 'outputNode' || edges.some(({ sourceId }) => sourceId === id);
  if (!led || !leads)
    throw new Error(`${place} has no edge ${led ? 'from' : 'to'} it; connect it in the GoRules editor`);
}

function assertParses(place: string, text: string, evaluate: () => unknown): void {
  if (text.trim() === '') return;
  try {
    evaluate();
  } catch (error) {
    const message = engineMessage(error);
    if (!/"type":"(parser|lexer|compiler)Error"/.test(message)) return;
    throw new Error(`${place}: ${text} does not parse (${message}); correct it in the GoRules editor`, {
      cause: error,
    });
  }
}

function shaped<T>(schema: z.ZodType<T>, content: unknown, place: string): T {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`${place} is not as the GoRules editor writes it (${issuesOf(parsed.error)}); export it from there`);
}

/** @throws Error with the remedy */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`it is not JSON (${engineMessage(error)}); export it from the GoRules editor`, { cause: error });
  }
}
