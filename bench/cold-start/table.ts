/** The value below which a share of the numbers lies. */
function quantile(numbers: number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}

/** Median. */
export const median = (numbers: number[]): number => quantile(numbers, 0.5);

/** Median and quartiles: `12.3 (11.0-14.5)`. */
export const spread = (numbers: number[]): string =>
  `${median(numbers).toFixed(1)} (${quantile(numbers, 0.25).toFixed(1)}-${quantile(numbers, 0.75).toFixed(1)})`;

/** Lines of a table: the first column to the left, the others to the right. */
export function layOut(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const align = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(align).join('  '));
}
