import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { parser } from '@prometheus-io/lezer-promql';
import { tablesIn } from '@vigia/testing';
import { WORKSPACE } from '../stack.js';
import { BOARDS, DASHBOARDS, textOf } from './write-dashboards.js';

interface Metric {
  type: string;
  labels: Set<string>;
}

/** As docs/reference.md has them; `service` is on every sample. */
const metrics = new Map<string, Metric>();
for (const { name, rows } of tablesIn(readFileSync(join(WORKSPACE, 'docs/reference.md'), 'utf8'))) {
  if (!name.endsWith('-metrics')) continue;
  for (const [metric, type, labels] of rows) {
    const key = metric!.replaceAll('`', '');
    const known = metrics.get(key) ?? { type: type!, labels: new Set(['service']) };
    for (const label of labels!.replaceAll('`', '').split(', ')) if (label !== '') known.labels.add(label);
    metrics.set(key, known);
  }
}

/** The metric that a series is of: a histogram's are three. */
function metricOf(series: string): Metric | undefined {
  const base = series.replace(/_(bucket|sum|count)$/, '');
  if (metrics.get(base)?.type === 'histogram' && base !== series) {
    const { type, labels } = metrics.get(base)!;
    return { type, labels: new Set([...labels, 'le']) };
  }
  const metric = metrics.get(series);
  return metric?.type === 'histogram' ? undefined : metric;
}

/** What Grafana puts in before it asks. */
const asked = (expr: string): string => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, 'x');

function nodesOf(expr: string): { name: string; text: string; isError: boolean }[] {
  const nodes: { name: string; text: string; isError: boolean }[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, from, to, type }) => void nodes.push({ name, text: expr.slice(from, to), isError: type.isError }),
  });
  return nodes;
}

const read = (file: string): Dashboard => JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8')) as Dashboard;
const files = Object.keys(BOARDS);
const panelsOf = (file: string): Panel[] =>
  (read(file).panels ?? []).filter((panel: Panel | RowPanel): panel is Panel => panel.type !== 'row');
const queries = files.flatMap((file) =>
  panelsOf(file).flatMap(({ title, targets = [] }) =>
    targets.map((target) => [`${file}: ${title}`, target as unknown as Target] as const),
  ),
);
interface Target {
  expr: string;
  legendFormat: string;
  datasource: { uid: string };
}

test('the files are what the declarations make, and no other', () => {
  expect(readdirSync(DASHBOARDS).sort()).toEqual([...files].sort());
  for (const [file, board] of Object.entries(BOARDS))
    expect([file, JSON.parse(textOf(board))]).toEqual([file, read(file)]);
});

test.each(queries)('%s is PromQL on metrics and labels that there are', (_, { expr, legendFormat }) => {
  const nodes = nodesOf(asked(expr));
  expect(nodes.filter(({ isError }) => isError)).toEqual([]);
  const series = nodes.filter(({ name }) => name === 'VectorSelector').map(({ text }) => /^[a-z_]+/.exec(text)![0]);
  expect(series.length).toBeGreaterThan(0);
  expect(series.filter((each) => metricOf(each) === undefined)).toEqual([]);
  const known = series.flatMap((each) => [...metricOf(each)!.labels]);
  const labels = nodes.filter(({ name }) => name === 'LabelName').map(({ text }) => text);
  expect(labels.filter((label) => !known.includes(label))).toEqual([]);
  const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
  expect(shown.filter((label) => !labels.includes(label))).toEqual([]);
});

test.each(files)('%s has ids, places and choices of its own', (file) => {
  const { panels = [], templating, uid, title } = read(file);
  expect([uid, title]).toEqual([BOARDS[file]!.uid, BOARDS[file]!.title]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map((panel) => panel.title)).size).toBe(panels.length);
  const places = panels.map(({ gridPos }) => gridPos!);
  for (const [index, a] of places.entries()) {
    expect(a.x + a.w).toBeLessThanOrEqual(24);
    const over = places
      .slice(index + 1)
      .filter((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h);
    expect(over).toEqual([]);
  }
  const choices = (templating?.list ?? []).map(({ name }) => name);
  const used = [...JSON.stringify(panels).matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name!);
  expect([...new Set(used)].filter((name) => !choices.includes(name))).toEqual([]);
  expect(choices.filter((name) => !used.includes(name))).toEqual([]);
  for (const { metric, label } of Object.values(BOARDS[file]!.choices)) {
    expect([metric, label, metricOf(metric)?.labels.has(label)]).toEqual([metric, label, true]);
  }
});

test('a metric that there is not would be seen', () => {
  expect(metricOf('vigia_decisions')).toBeUndefined();
  expect(metricOf('vigia_decision_stage_seconds')).toBeUndefined();
  expect(metricOf('vigia_decision_stage_seconds_bucket')?.labels).toContain('le');
});
