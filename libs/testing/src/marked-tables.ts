import { readFileSync, writeFileSync } from 'node:fs';

/** Rows of the tables of a page, by the name that stands in their marker. */
export type Tables = Record<string, string[][]>;

const TABLE = /<!-- (generated|keyed):([a-z0-9-]+) -->\n(\|.*\n\|[ :|-]+\n)((?:\|.*\n)*)<!-- end -->/g;

export interface MarkedTable {
  /** `generated`: all its rows are written; `keyed`: only its first column is compared, the rest is prose. */
  kind: 'generated' | 'keyed';
  name: string;
  /** Cells of the head, which is written by hand. */
  head: string[];
  rows: string[][];
  /** The rows as they stand in the page. */
  text: string;
}

/**
 * The tables between `<!-- generated:NAME -->` or `<!-- keyed:NAME -->` and `<!-- end -->`.
 * @throws when a marker has no table: it would silently stay empty
 */
export function tablesIn(page: string): MarkedTable[] {
  const found = [...page.matchAll(TABLE)].map(([, kind, name, head, text]) => ({
    kind: kind as MarkedTable['kind'],
    name: name!,
    head: cellsOf(head!.split('\n')[0]!),
    rows: text!.split('\n').slice(0, -1).map(cellsOf),
    text: text!,
  }));
  const markers = page.match(/<!-- (generated|keyed):/g)?.length ?? 0;
  if (markers !== found.length) throw new Error(`${markers} markers, but ${found.length} tables between markers`);
  return found;
}

/** The page with the rows of these tables in the place of the old ones; other tables stay. */
export function withRows(page: string, tables: Tables): string {
  return page.replace(TABLE, (block, kind: MarkedTable['kind'], name: string, head: string) => {
    const rows = kind === 'generated' ? tables[name] : undefined;
    return rows ? `<!-- generated:${name} -->\n${head}${markdownOf(rows)}<!-- end -->` : block;
  });
}

export function writeRows(file: string, tables: Tables): void {
  writeFileSync(file, withRows(readFileSync(file, 'utf8'), tables));
}

export function markdownOf(rows: string[][]): string {
  return rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('');
}

export function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** A name as it is written in code. */
export const code = (text: string): string => `\`${text}\``;
