import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { code, tablesIn, withRows } from './marked-tables.js';

const ROOT = resolve(__dirname, '../../..');

/** docs/reference.md: what the test of an app holds it against. */
export class ReferencePage {
  private readonly path = join(ROOT, 'docs/reference.md');

  /** The rows of this table as they stand in the page; with UPDATE_DOCS=1 `rows` are written there first. */
  rowsOf(name: string, rows: string[][]): string[][] | undefined {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(this.path, withRows(this.text(), { [name]: rows }));
    return tablesIn(this.text()).find((table) => table.kind === 'generated' && table.name === name)?.rows;
  }

  /** First column of a table whose other columns are prose. */
  keysOf(name: string): string[] {
    const table = tablesIn(this.text()).find((each) => each.kind === 'keyed' && each.name === name);
    if (!table) throw new Error(`docs/reference.md has no keyed table ${name}`);
    return table.rows.map(([key]) => key!.replace(/^`(.*)`$/, '$1'));
  }

  /** Runs an example of the page as a reader would, at the root of the repository, and gives what it prints. */
  async runExample(name: string, environment: Record<string, string>): Promise<string> {
    const script = new RegExp(`\`\`\`sh example:${name}\n([^]*?)\`\`\``).exec(this.text())![1]!;
    const options = { cwd: ROOT, env: { ...process.env, ...environment } };
    return (await promisify(execFile)('sh', ['-euc', script], options)).stdout;
  }

  private text(): string {
    return readFileSync(this.path, 'utf8');
  }
}

/** A row of the settings table for each line that the settings' schema has. */
export function settingRows(
  lines: { name: string; default: string | undefined; description: string; secret: boolean }[],
): string[][] {
  return lines.map((line) => [
    code(line.name),
    defaultOf(line.default),
    line.description + (line.secret ? ' Secret.' : ''),
  ]);
}

function defaultOf(value: string | undefined): string {
  if (value === undefined) return '**required**';
  return value === 'empty' || value === 'unset' ? value : code(value);
}

/** A row of the metrics table for each metric of a service. */
export function metricRows(lines: { name: string; type: string; labels: string[]; description: string }[]): string[][] {
  return lines.map(({ name, type, labels, description }) => [
    code(name),
    type,
    labels.map(code).join(', '),
    description,
  ]);
}

/**
 * A row for each endpoint in a running service's own description. A scope is what lets a key in that has it alone.
 * @param keys API keys by the one scope that each has
 */
export async function endpointRows(url: string, keys: Record<string, string>): Promise<string[][]> {
  const response = await fetch(`${url}/docs-json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, { summary: string }>> };
  const rows: string[][] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [lowerCase, { summary }] of Object.entries(methods)) {
      const method = lowerCase.toUpperCase();
      const scopes: string[] = [];
      for (const [scope, key] of Object.entries(keys)) {
        const body = method === 'POST' ? { body: '{}' } : {};
        const headers = { 'x-api-key': key, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) };
        if ((await fetch(url + path, { method, headers, ...body })).status !== 403) scopes.push(scope);
      }
      rows.push([code(method), code(path), scopes.map(code).join(', '), summary]);
    }
  }
  return rows;
}
