import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { tablesIn } from '@vigia/testing';
import { parse } from 'yaml';
import { SIGNAL_KINDS, runbookOf, type SignalKindName } from '../drift/signal-kinds.js';

const ROOT = resolve(__dirname, '../../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations: { summary: string; runbook: string };
}

const files = readdirSync(join(ROOT, 'ops/alerts'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `ops/alerts/${name}`);
const groups = files.flatMap((path) => (parse(read(path)) as { groups: { name: string; rules: Rule[] }[] }).groups);
const rules = groups.flatMap((group) => group.rules);

/** Labels by metric, as docs/reference.md has them; `service` is on every sample. */
const metrics = new Map<string, Set<string>>();
for (const { name, rows } of tablesIn(read('docs/reference.md'))) {
  if (!name.endsWith('-metrics')) continue;
  for (const [metric, , labels] of rows) {
    const known = metrics.get(metric!.replaceAll('`', '')) ?? new Set(['service']);
    for (const label of labels!.replaceAll('`', '').split(', ')) if (label !== '') known.add(label);
    metrics.set(metric!.replaceAll('`', ''), known);
  }
}

/** As GitHub makes them. */
const anchors = new Set(
  [...read('docs/runbook.md').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  ),
);

/** Nodes of an expression by PromQL's own grammar. */
function nodesOf(expr: string): { name: string; text: string; isError: boolean }[] {
  const nodes: { name: string; text: string; isError: boolean }[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, from, to, type }) => void nodes.push({ name, text: expr.slice(from, to), isError: type.isError }),
  });
  return nodes;
}

test('groups and rules have names of their own, and only the fields that Prometheus knows', () => {
  const names = [...groups.map(({ name }) => name), ...rules.map(({ alert }) => alert)];
  expect(new Set(names).size).toBe(names.length);
  for (const rule of rules) {
    expect(Object.keys(rule).filter((key) => !['alert', 'expr', 'for', 'labels', 'annotations'].includes(key))).toEqual(
      [],
    );
    expect(rule.alert).toMatch(/^Vigia[A-Z][A-Za-z]+$/);
    if (rule.for !== undefined) expect(rule.for).toMatch(/^[0-9]+(s|m|h|d)$/);
    if (rule.labels) expect(['warning', 'critical']).toContain(rule.labels['severity']);
    // Without a label of its own the severity must come with the sample.
    else expect(rule.expr).toContain('severity)');
    expect(rule.annotations.summary).toMatch(/.{10}/);
  }
});

test.each(rules.map((rule) => [rule.alert, rule] as const))(
  '%s is PromQL on metrics and labels that there are, and leads to the runbook',
  (_, { expr, annotations }) => {
    const nodes = nodesOf(expr);
    expect(nodes.filter(({ isError }) => isError)).toEqual([]);
    const named = nodes.filter(({ name }) => name === 'VectorSelector').map(({ text }) => /^[a-z_]+/.exec(text)![0]);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((metric) => !metrics.has(metric))).toEqual([]);
    const labels = nodes.filter(({ name }) => name === 'LabelName').map(({ text }) => text);
    const known = named.flatMap((metric) => [...metrics.get(metric)!]);
    expect(labels.filter((label) => !known.includes(label))).toEqual([]);
    const shown = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
    expect(shown.filter((label) => !labels.includes(label))).toEqual([]);
    expect(annotations.runbook).toMatch(/^docs\/runbook\.md#/);
    expect(anchors).toContain(annotations.runbook.split('#')[1]);
  },
);

test.each(Object.keys(SIGNAL_KINDS) as SignalKindName[])('%s has a rule and a section of the runbook', (kind) => {
  expect(anchors).toContain(runbookOf(kind).split('#')[1]);
  const own = rules.filter(({ expr }) => expr.includes(`kind="${kind}"`));
  expect(own.map(({ annotations }) => annotations.runbook)).toEqual([runbookOf(kind)]);
});

test('PromQL’s grammar refuses what is none', () => {
  expect(nodesOf('max by (model (vigia_x) > 0').some(({ isError }) => isError)).toBe(true);
});

test('every rule has a test for promtool in which it fires, and one in which it does not', () => {
  interface RuleTest {
    alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[];
  }
  const tests = readdirSync(join(ROOT, 'ops/alerts/tests')).flatMap(
    (name) => (parse(read(`ops/alerts/tests/${name}`)) as { tests: RuleTest[] }).tests,
  );
  const checks = tests.flatMap(({ alert_rule_test: all }) => all);
  const named = (fires: boolean): string[] =>
    checks.filter(({ exp_alerts: alerts = [] }) => alerts.length > 0 === fires).map(({ alertname }) => alertname);
  const names = rules.map(({ alert }) => alert);
  expect(names.filter((name) => !named(true).includes(name))).toEqual([]);
  expect(names.filter((name) => !named(false).includes(name))).toEqual([]);
  expect(checks.filter(({ alertname }) => !names.includes(alertname))).toEqual([]);
});

test('the routing of Alertmanager names rules that there are', () => {
  const routing = read('ops/alertmanager.yaml');
  const named = [...routing.matchAll(/Vigia(?:\(([\w|]+)\)|(\w+))/g)].flatMap(
    ([, many, one]) => many?.split('|') ?? one!,
  );
  const names = rules.map(({ alert }) => alert.replace('Vigia', ''));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
});
