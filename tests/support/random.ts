/**
 * A number in [0, 1) that depends on what it is for and on nothing else: neither on the clock nor on the order of asking.
 *
 * So a run with the same seed makes the same choices, however its messages overtake each other. FNV-1a over the parts, mixed
 * with the finaliser of MurmurHash3 because FNV alone leaves the high bits of short inputs alike.
 *
 * @param seed the run
 * @param identity what is chosen, for whom, which time
 */
export function chance(seed: number, ...identity: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of [seed, ...identity].join('\n')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** A whole number from `least` to `most`, both included, for a {@link chance}. */
export function between(roll: number, least: number, most: number): number {
  return least + Math.floor(roll * (most - least + 1));
}

/**
 * One of several things by weight.
 *
 * @param roll a {@link chance}
 * @throws Error for an empty list
 */
export function pick<Value extends { readonly weight: number }>(roll: number, from: readonly Value[]): Value {
  let left = roll * from.reduce((sum, { weight }) => sum + weight, 0);
  for (const value of from) {
    left -= value.weight;
    if (left < 0) return value;
  }
  const last = from.at(-1);
  if (!last) throw new Error('There is nothing to choose from');
  return last;
}
