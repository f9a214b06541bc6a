import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS, degradation } from '@vigia/contracts';
import { HANDBOOK, PIX } from '@vigia/features';
import { JOB_STATES, apiKeysFile, apiScope } from '@vigia/platform';
import { APPS, PAGES } from './reference.js';
import { cellsOf, markdownOf, tablesIn, withRows } from '@vigia/testing';
import { WORKSPACE } from './stack.js';

const read = (path: string): string => readFileSync(join(WORKSPACE, path), 'utf8');
const reference = read('docs/reference.md');
const uncoded = (cell: string): string => cell.replace(/^`(.*)`$/, '$1');
const keysOf = (name: string): string[] => {
  const table = tablesIn(reference).find((each) => each.name === name);
  if (!table) throw new Error(`docs/reference.md has no table ${name}`);
  return table.rows.map(([key]) => uncoded(key!));
};

/** Made and compared by the test of each app. */
const OF_APPS = [...APPS.flatMap((app) => [`${app}-endpoints`, `${app}-settings`, `${app}-metrics`]), 'alert-kinds'];

describe.each(Object.entries(PAGES))('%s', (path, tables) => {
  const page = read(path);
  const expected = tables();

  test.each(Object.keys(expected))('has the rows of %s that the code has; npm run docs writes them', (name) => {
    const table = tablesIn(page).find((each) => each.kind === 'generated' && each.name === name);
    expect(table?.text).toBe(markdownOf(expected[name]!));
    for (const row of expected[name]!) expect(row).toHaveLength(table!.head.length);
  });

  test('has no generated table that nobody writes, and none twice', () => {
    const ofApps = path === 'docs/reference.md' ? OF_APPS : [];
    const names = tablesIn(page).flatMap(({ kind, name }) => (kind === 'generated' ? [name] : []));
    expect(names.sort()).toEqual([...Object.keys(expected), ...ofApps].sort());
  });
});

describe('tables with hand-written meanings have every key and no other', () => {
  test('scopes', () => expect(keysOf('scopes')).toEqual(apiScope.options));
  test('states of a job', () => expect(keysOf('job-states')).toEqual([...JOB_STATES]));
  test('degradation', () => expect(keysOf('degradation')).toEqual(degradation.options));

  test('files of a model bundle, as training writes them', () => {
    const packaging = read('pipelines/src/vigia/packaging.py');
    const written = [...packaging.matchAll(/^ +(?:\*\*\(\{)?"([a-z-]+\.[a-z]+)": /gm)].map(([, file]) => file);
    expect(keysOf('bundle-files')).toEqual(['bundle.json', ...written, 'plots/*.png']);
  });

  test('columns of a training set, as training reads them', () => {
    const reader = read('pipelines/src/vigia/training_set.py');
    const [, columns] = /^FIXED_COLUMNS = \{\n([^}]*)\}/m.exec(reader)!;
    expect(keysOf('training-columns')).toEqual([...columns!.matchAll(/"(\w+)":/g)].map(([, column]) => column));
  });
});

test('the example of a keys file has the fields that are read', () => {
  const [, example] = /```json example:keys\n([^]*?)```/.exec(reference)!;
  const filled = example!.replace(/<SHA-256[^>]*>/, '0'.repeat(64));
  const [entry] = apiKeysFile.parse(JSON.parse(filled));
  expect(Object.keys(entry!)).toEqual(Object.keys(apiKeysFile.element.shape).filter((key) => key in entry!));
  expect(Object.keys(entry!)).toHaveLength(Object.keys(apiKeysFile.element.shape).length);
});

describe.each(readdirSync(join(WORKSPACE, 'docs')).filter((file) => /^(reference|runbook|features)\.md$/.test(file)))(
  'the prose of docs/%s names nothing that does not exist:',
  (file) => {
    const prose = read(`docs/${file}`);
    const named = (pattern: RegExp): string[] => [...new Set([...prose.matchAll(pattern)].map(([, name]) => name!))];
    const unknown = (names: string[], known: Iterable<string>): string[] => {
      const set = new Set(known);
      return names.filter((name) => !set.has(name));
    };

    test('metrics', () => {
      const known = APPS.flatMap((app) => keysOf(`${app}-metrics`)).flatMap((name) => [name, `${name}_count`]);
      expect(unknown(named(/`(vigia_[a-z_]+)[`{]/g), [...known, 'vigia_'])).toEqual([]);
    });

    test('settings', () => {
      const reasons = [PIX, HANDBOOK].flatMap((set) => Object.keys(set.reasons));
      const known = [...APPS.flatMap((app) => keysOf(`${app}-settings`)), ...reasons];
      const shell = ['API_KEY', 'SCORING_URL', 'INGESTION_URL', 'FEATURE_STORE_URL', 'VIGIA_URL', 'VIGIA_API_KEY'];
      expect(unknown(named(/[`$]([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b/g), [...known, ...shell])).toEqual([]);
    });

    test('codes behind an HTTP status', () => {
      expect(unknown(named(/\b[45]\d\d `([a-z_]+)`/g), Object.keys(FAULTS))).toEqual([]);
    });

    test('links', () => {
      expect(named(/\]\(([a-z]+\.md)/g).filter((link) => !existsSync(join(WORKSPACE, 'docs', link)))).toEqual([]);
    });

    test('files of the repository', () => {
      const paths = named(/`(?:node )?((?:libs|apps|pipelines|tools)\/[\w./-]+)/g);
      const sources = paths.map((path) => path.replace(/\/dist\/(.*)\.js$/, '/src/$1.ts'));
      expect(sources.filter((path) => !existsSync(join(WORKSPACE, path)))).toEqual([]);
    });
  },
);

test('docs/runbook.md quotes log messages that are logged', () => {
  const sources = ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(WORKSPACE, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /^[^/]+\/src\/.*\.ts$/.test(file))
      .map((file) => read(join(folder, file))),
  );
  const quoted = [...read('docs/runbook.md').matchAll(/`msg: ([^`.]+)`/g)].map(([, message]) => message!);
  expect(quoted.length).toBeGreaterThan(0);
  expect(quoted.filter((message) => !sources.some((source) => source.includes(`'${message}'`)))).toEqual([]);
});

describe('rows of a table', () => {
  const page = '<!-- generated:one -->\n| a | b |\n| --- | --- |\n| old | row |\n<!-- end -->\ntext\n';

  test('take the place of the old ones, and what stands around them stays', () => {
    const cells = [
      ['1', 'x | y'],
      ['2', ''],
    ];
    const written = withRows(page, { one: cells, other: [['3']] });
    expect(tablesIn(written)).toMatchObject([{ name: 'one', head: ['a', 'b'], rows: cells }]);
    expect(written.endsWith('<!-- end -->\ntext\n')).toBe(true);
    expect(withRows(written, { one: cells })).toBe(written);
  });

  test('are refused where a marker has no table', () => {
    expect(() => tablesIn(page.replace('| --- | --- |\n', ''))).toThrow('1 markers, but 0 tables');
  });

  test('keep a bar inside a cell', () => expect(cellsOf(markdownOf([['a|b', 'c']]).trim())).toEqual(['a|b', 'c']));
});
