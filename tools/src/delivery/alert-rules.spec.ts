import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { WORKSPACE } from '../stack.js';
import { CHART } from './helm.js';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook_url: string };
}

const page = (name: string) => readFileSync(join(WORKSPACE, 'docs', name), 'utf8');
const metrics = new Set([...page('reference.md').matchAll(/^\| `(vigia_[a-z_]+)` \|/gm)].map(([, name]) => name!));
const anchors = [...page('runbook.md').matchAll(/^## (.+)$/gm)].map(([, title]) =>
  title!
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-'),
);

const rules = readdirSync(join(CHART, 'rules')).flatMap((file) => {
  const { groups } = parse(readFileSync(join(CHART, 'rules', file), 'utf8')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
});

test.each(rules.map((rule) => [rule.alert, rule] as const))(
  '%s asks metrics that exist and names what to do',
  (_, rule) => {
    const asked = [...rule.expr.matchAll(/vigia_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !metrics.has(name))).toEqual([]);
    expect(rule.annotations.runbook_url).toMatch(/^docs\/runbook\.md#/);
    expect(anchors).toContain(rule.annotations.runbook_url.split('#')[1]);
    expect(['critical', 'warning']).toContain(rule.labels.severity);
  },
);

test('a name stands for one alert', () => {
  const names = rules.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
});
