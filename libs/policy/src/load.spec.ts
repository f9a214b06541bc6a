import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@vigia/contracts';
import { POLICIES_DIRECTORY, PolicyEngine, policySettings } from './index.js';
import { ordinaryPayment } from './probe-payments.js';

interface Graph {
  nodes: { id: string; type: string; content: Content }[];
  edges: { id: string; sourceId: string; targetId: string }[];
}
interface Content {
  inputs: { id: string; field?: string }[];
  rules: Record<string, string>[];
  expressions: { key: string; value: string }[];
}

const shipped = join(POLICIES_DIRECTORY, 'pix.json');
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'policy-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function loadText(text: string): Promise<PolicyEngine> {
  await writeFile(join(directory, 'own.json'), text);
  return PolicyEngine.load({ directory, name: 'own' });
}

async function loadChanged(change: (node: (id: string) => Content, graph: Graph) => void): Promise<PolicyEngine> {
  const graph = JSON.parse(await readFile(shipped, 'utf8')) as Graph;
  change((id) => graph.nodes.find((node) => node.id === id)!.content, graph);
  return loadText(JSON.stringify(graph));
}

test('the version is of graph and settings; white space and the order of keys do not count', async () => {
  const text = await readFile(shipped, 'utf8');
  const policy = await PolicyEngine.load();
  expect(policy.name).toBe('pix');
  expect(policy.version).toMatch(/^[0-9a-f]{12}$/);
  expect((await loadText(`${JSON.stringify(backwards(JSON.parse(text)))}\n`)).version).toBe(policy.version);
  const changed = await loadChanged((node) => (node('hardRules').rules[0]!['_description'] = 'Another text'));
  expect(changed.version).not.toBe(policy.version);
  const settings = policySettings.parse({ nightLimitCents: 50_000 });
  const stricter = await PolicyEngine.load({ settings });
  expect(stricter.version).not.toBe(policy.version);
  expect((await PolicyEngine.of(stricter.document)).version).toBe(stricter.version);
});

/** The same with the keys of every object the other way round. */
function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, backwards(each)]),
  );
}

const refusals: [name: string, change: Parameters<typeof loadChanged>[0], reason: RegExp][] = [
  [
    'a missing cell',
    (node) => delete node('hardRules').rules[5]!['night'],
    /node "Hard rules", row 6, column "Night": the cell is missing/,
  ],
  [
    'a cell that does not parse',
    (node) => (node('hardRules').rules[3]!['deviceDayTotalCents'] = '> > 1'),
    /node "Hard rules", row 4, column "Unregistered device today \(cents\)": > > 1 does not parse/,
  ],
  [
    'an unknown function in a cell',
    (node) => (node('score').rules[0]!['probability'] = 'sureley($)'),
    /node "Score by amount band", row 1, column "Probability": sureley\(\$\) does not parse/,
  ],
  [
    'a misspelt setting in a cell',
    (node) => (node('hardRules').rules[2]!['amountCents'] = '> settings.unregistredCents'),
    /node "Hard rules", row 3, column "Amount \(cents\)": > settings.unregistredCents fails .* correct its names/,
  ],
  [
    'a misspelt field of the payment',
    (node) => (node('hardRules').inputs.find(({ id }) => id === 'payeeBlocked')!.field = 'payee.blockd'),
    /node "Hard rules", column "Payee blocked": payee.blockd is null for every trial payment/,
  ],
  [
    'a misspelt setting in an expression',
    (node) => (node('facts').expressions.find(({ key }) => key === 'band')!.value = 'settings.bands'),
    /node "Facts", expression "band" is null for every trial payment/,
  ],
  [
    'an expression that does not parse',
    (node) => (node('outcome').expressions[0]!.value = 'flatten(['),
    /node "Outcome", expression "fired": flatten\(\[ does not parse/,
  ],
  [
    'an expression that fails',
    (node) => (node('facts').expressions[0]!.value = 'purpose + 1'),
    /a trial payment fails: node "Facts"/,
  ],
  [
    'an unknown decision',
    (node) => (node('outcome').expressions.find(({ key }) => key === 'decision')!.value = '"maybe"'),
    /the last node must give "decision" \(approve, review or reject\).*decision:/,
  ],
  [
    'no rules',
    (node) => node('outcome').expressions.pop(),
    /the last node must give "decision" .* and "rules" \(a list of codes\): rules:/,
  ],
  [
    'a rule that no table has',
    (node) => (node('outcome').expressions.find(({ key }) => key === 'rules')!.value = '["because"]'),
    /the rule "because" stands in no table's column "rule"/,
  ],
  [
    'a code without quotes',
    (node) => (node('hardRules').rules[0]!['rule'] = 'payer_blocked'),
    /node "Hard rules", row 1, column "Rule": payer_blocked is no code of a rule; write a-z/,
  ],
  [
    'a new rule without a text',
    (node) => Object.assign(node('hardRules').rules[0]!, { rule: '"own_rule"', _description: '' }),
    /node "Hard rules", row 1: the new rule "own_rule" needs a text; write it as the row's description/,
  ],
  [
    'a table that is not connected',
    (_node, graph) => (graph.edges = graph.edges.filter(({ targetId }) => targetId !== 'requestOnly')),
    /node "Without history or score" has no edge to it; connect it/,
  ],
  [
    'a table that leads nowhere',
    (_node, graph) => (graph.edges = graph.edges.filter(({ sourceId }) => sourceId !== 'score')),
    /node "Score by amount band" has no edge from it; connect it/,
  ],
  ['no input', (_node, graph) => graph.nodes.shift(), /missingNode.*payment/],
  [
    'a circle',
    (_node, graph) => graph.edges.push({ id: 'back', sourceId: 'outcome', targetId: 'facts' }),
    /cyclicGraph/,
  ],
  [
    'an edge to nowhere',
    (_node, graph) => graph.edges.push({ id: 'astray', sourceId: 'facts', targetId: 'gone' }),
    /missingNode/,
  ],
  ['a node of an unknown kind', (_node, graph) => (graph.nodes[1]!.type = 'oracleNode'), /oracleNode/],
];

test.each(refusals)('a policy with %s is refused', async (_name, change, reason) => {
  const refusal = await loadChanged(change).then(
    () => 'loaded',
    (error: Error) => error.message,
  );
  expect(refusal).toMatch(reason);
  expect(refusal).toContain(join(directory, 'own.json'));
  expect(refusal).not.toContain('\n');
});

test.each([
  ['not JSON', 'no JSON', /it is not JSON .* export it from the GoRules editor/],
  ['another JSON', '{"rules":[]}', /it is not as the GoRules editor writes it \(nodes: .*edges: /],
])('%s is refused', async (_name, text, reason) => {
  await expect(loadText(text)).rejects.toThrow(reason);
});

test('a missing file is named', async () => {
  await expect(PolicyEngine.load({ directory, name: 'absent' })).rejects.toThrow(/absent\.json cannot be used: ENOENT/);
});

test('a rule of the institution’s own brings its text', async () => {
  const text = 'Chave digitada em conta manual';
  const policy = await loadChanged((node) =>
    node('score').rules.push({
      isReturn: '',
      probability: '',
      decision: '"review"',
      rule: '"own_rule"',
      _description: text,
    }),
  );
  expect(policy.ruleTexts['own_rule']).toEqual({ pt: text, en: text });
  expect(await policy.evaluate(ordinaryPayment)).toEqual({ decision: 'review', rules: ['own_rule'] });
});

test('a graph that fails on a payment is a fault of ours that names node and version', async () => {
  const policy = await loadChanged(
    (node) => (node('facts').expressions[0]!.value = 'amountCents == 777 ? purpose + 1 : false'),
  );
  const fault = await policy.evaluate({ ...ordinaryPayment, amountCents: 777 }).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ code: 'internal', message: expect.stringContaining(`own ${policy.version} fails`) });
  expect(await policy.evaluate(ordinaryPayment)).toEqual({ decision: 'approve', rules: [] });
});

test.each([
  ['probability', { probability: NaN }],
  ['probability', { probability: 1.01 }],
  ['probability', { probability: -0.01 }],
  ['amountCents', { amountCents: 0.5 }],
  ['amountCents', { amountCents: Infinity }],
  ['nightSumCents', { nightSumCents: -1 }],
  ['nightLimitCents', { nightLimitCents: NaN }],
  ['unregisteredDeviceDayCents', { unregisteredDeviceDayCents: 2 ** 60 }],
])('%s of %o is refused before the engine sees it', async (field, change) => {
  const policy = await PolicyEngine.load();
  const fault = await policy.evaluate({ ...ordinaryPayment, ...change }).catch((error: unknown) => error);
  expect(fault).toMatchObject({ code: 'internal', message: expect.stringContaining(field) });
});
