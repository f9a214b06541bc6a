/** Columns as wide as their widest cell, two blanks apart; numbers to the right. */
export function tableOf(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const isNumber = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^-?[\d.,]+ ?%?$|^-$/.test(row[column]!)),
  );
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}

/** A number to four digits behind the point, whole ones as they are; `-` for none. */
export function numberText(value: number | null | undefined): string {
  if (value === null || value === undefined) return '-';
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

/** `2026-11-28 10:20` of an instant, UTC. */
export const minuteText = (instant: string | null): string => instant?.slice(0, 16).replace('T', ' ') ?? '-';
