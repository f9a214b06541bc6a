/** Tells of the progress; never on the last line of stdout, which is the result. */
export type Say = (line: string) => void;

/** What a benchmark gets and answers: the figures of its JSON line, by name. */
export interface Bench {
  /** What it answers. */
  question: string;
  run(args: string[], say: Say): Promise<Record<string, unknown>>;
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** Rows of cells as aligned text; the first row is the head. */
export function table(rows: (string | number)[][]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row.map((cell, column) => (column ? cell.padStart(widths[column]!) : cell.padEnd(widths[0]!))).join('  '),
    )
    .join('\n');
}
