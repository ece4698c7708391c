/** The value below which a share of the numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}

/** Median. */
export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** Median and quartiles: `12.3 (11.0-14.5)`. */
export function spread(numbers: readonly number[], digits = 1): string {
  const at = (share: number) => quantile(numbers, share).toFixed(digits);
  return `${at(0.5)} (${at(0.25)}-${at(0.75)})`;
}
