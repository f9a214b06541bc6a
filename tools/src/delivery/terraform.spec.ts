import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { valuesWith } from './manifests.js';
import { problemsOf, schemaOfTypes, type ProviderSchemas } from './provider-schema.js';
import { TERRAFORM, declarations, modules, type Body, type Module } from './terraform-files.js';

const schemas = JSON.parse(readFileSync(join(TERRAFORM, 'provider-schemas.json'), 'utf8')) as ProviderSchemas;
let all: Module[];
beforeAll(async () => {
  all = await modules();
});

/** Files of a module as one text without comments. */
function textOf({ files }: Module): string {
  return files.map(({ file }) => readFileSync(join(TERRAFORM, file), 'utf8').replace(/^\s*#.*$/gm, '')).join('\n');
}

/** Blocks of the name at the top of a module, by their label; each stands in a list of one. */
function blocks({ files }: Module, name: string): { [label: string]: [Body] } {
  return Object.assign({}, ...files.map(({ content }) => content[name] ?? {})) as { [label: string]: [Body] };
}

test('every argument is one that the provider has, and none that it needs is missing', () => {
  const used = all.flatMap(declarations);
  expect(used.length).toBeGreaterThan(50);
  const problems = used.flatMap(({ file, kind, type, name, body }) => {
    const schema = schemas.resources[`${kind} ${type}`];
    if (schema === undefined)
      return [`${file}: ${type} has no schema: node tools/dist/delivery/write-provider-schemas.js`];
    return problemsOf(body, schema).map((problem) => `${file}: ${type}.${name}: ${problem}`);
  });
  expect(problems).toEqual([]);
});

test('the schemas are those of what is used, and of the versions that are asked for', () => {
  const used = new Set(all.flatMap(declarations).map(({ kind, type }) => `${kind} ${type}`));
  expect(Object.keys(schemas.resources).sort()).toEqual([...used].sort());
  const text = all.map(textOf).join('\n');
  for (const [name, version] of Object.entries(schemas.providers)) {
    const asked = [...text.matchAll(new RegExp(`hashicorp/${name}"\\s+version = "~> ([0-9.]+)"`, 'g'))];
    expect(asked.length).toBeGreaterThan(0);
    for (const [, minor] of asked) expect(`${version}.`.startsWith(`${minor}.`)).toBe(true);
  }
});

test('what is read of a resource exists there', () => {
  const problems = all.flatMap((module) => {
    const declared = new Map(declarations(module).map((each) => [`${each.kind} ${each.type}.${each.name}`, each]));
    const references = textOf(module).matchAll(
      /\b(data\.)?((?:aws|kubernetes|helm)_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?/g,
    );
    return [...references].flatMap(([text, data, type, name, attribute]) => {
      const kind = data === undefined ? 'resource' : 'data';
      if (!declared.has(`${kind} ${type}.${name}`)) return [`${module.directory}: ${text} is not declared`];
      const schema = schemas.resources[`${kind} ${type}`]!;
      if (attribute === undefined || schema.attributes.includes(attribute)) return [];
      return attribute in schema.arguments ? [] : [`${module.directory}: ${text}: there is no ${attribute}`];
    });
  });
  expect(problems).toEqual([]);
});

test('every module gets what it needs and nothing else; every output that is read is there', () => {
  const byPath = new Map(all.map((module) => [module.directory, module]));
  const problems = all.flatMap((module) =>
    Object.entries(blocks(module, 'module')).flatMap(([name, [call]]) => {
      const { source, ...given } = call as Body & { source: string };
      const child = byPath.get(join(module.directory, source))!;
      const variables = blocks(child, 'variable');
      const at = `${module.directory}: module ${name}`;
      const required = Object.keys(variables).filter((key) => !('default' in variables[key]![0]));
      const read = [...textOf(module).matchAll(new RegExp(`\\bmodule\\.${name}\\.(\\w+)`, 'g'))].map(
        ([, output]) => output!,
      );
      return [
        ...Object.keys(given)
          .filter((key) => !(key in variables))
          .map((key) => `${at} takes no ${key}`),
        ...required.filter((key) => !(key in given)).map((key) => `${at} needs ${key}`),
        ...read.filter((output) => !(output in blocks(child, 'output'))).map((output) => `${at} gives no ${output}`),
      ];
    }),
  );
  expect(problems).toEqual([]);
});

test('every variable and output says what it is; every variable is used', () => {
  for (const module of all) {
    const text = textOf(module);
    for (const kind of ['variable', 'output']) {
      for (const [name, [{ description }]] of Object.entries(blocks(module, kind))) {
        expect([module.directory, name, description]).toEqual([
          module.directory,
          name,
          expect.stringMatching(/\.$|: .+$/),
        ]);
        if (kind === 'variable') expect(text).toMatch(new RegExp(`\\bvar\\.${name}\\b`));
      }
    }
  }
});

/** Paths of the keys of an object, as `apps.scoring.autoscaling`. */
function paths(value: unknown, at: string[] = []): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [at.join('.')];
  return Object.entries(value).flatMap(([key, nested]) => paths(nested, [...at, key]));
}

test.each(['dev', 'prod'])('the values that %s gives to the chart are values of the chart', (environment) => {
  const module = all.find(({ directory }) => directory === `environments/${environment}`)!;
  const [{ value }] = blocks(module, 'output')['chart_values']!;
  const given = paths(value).map((path) => path.replaceAll(/"/g, ''));
  expect(given).toContain('postgresql.embedded');
  const known = new Set(paths(valuesWith({ apps: { scoring: { nodeSelector: { 'vigia/pool': '' } } } })));
  const open = given.filter((path) => ![...known].some((key) => key === path || key.startsWith(`${path}.`)));
  expect(open).toEqual([]);
});

test('the checks would find a mistake', () => {
  const schema = schemas.resources['resource aws_eks_cluster']!;
  expect(problemsOf({ name: 'a', vpc_config: [{ subnets: [] }], enabeld: true }, schema)).toEqual([
    'role_arn is missing',
    'vpc_config.subnet_ids is missing',
    'vpc_config.subnets is unknown',
    'enabeld is unknown',
  ]);
  expect(() => schemaOfTypes('export interface Other {}')).toThrow('the types have no configuration');
});

const terraform = spawnSync('terraform', ['version'], { encoding: 'utf8' }).status === 0;
if (!terraform) console.warn('no terraform on PATH: format and arithmetic are checked where there is one');
const withTerraform = terraform ? test : test.skip;

withTerraform('the files have terraform’s format', () => {
  const { stdout } = spawnSync('terraform', ['fmt', '-check', '-recursive', TERRAFORM], { encoding: 'utf8' });
  expect(stdout).toBe('');
});

withTerraform('addresses, sizes, names and refusals are as their tests say', () => {
  const plan = join(TERRAFORM, 'modules/plan');
  expect(spawnSync('terraform', ['init', '-input=false'], { cwd: plan, encoding: 'utf8' }).stderr).not.toContain(
    'Error',
  );
  const { status, stdout } = spawnSync('terraform', ['test', '-no-color'], { cwd: plan, encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/Success! \d+ passed, 0 failed/)]);
});
