/** How often each name comes, by name. */
export function tally(names: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(names.toSorted(), (name) => name);
  return Object.fromEntries([...groups].map(([name, { length }]) => [name, length]));
}
