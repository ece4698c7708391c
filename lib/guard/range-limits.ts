/**
 * Messages an hour of some ranges, as the deployment sets them: by `KZ` for a country as a whole, by `RU-954` for one range of it. 0 blocks.
 */
export type RangeLimits = ReadonlyMap<string, number>;

/** What a message is counted in besides the total. */
export interface CountedRange {
  /** `RU-903`, or `KZ` where the country is counted as a whole. */
  readonly name: string;
  /** Messages an hour. */
  readonly ceiling: number;
}

/**
 * The part of the total that one range may have by default: a fifth. Pumping earns in the ranges of one operator, and people are spread: Russia
 * has 98 ranges of mobile numbers. So five ranges must be attacked before everybody else is refused.
 */
const SHARE_OF_TOTAL = 1 / 5;

/**
 * What a message is counted in. The most exact value wins: that of the range, then that of the country, which counts all ranges of the
 * country that have no value together; else each range has a fifth of the total, rounded up.
 *
 * @param range `RU-903`: the country and the first three digits of the national number
 * @param totalPerHour messages an hour altogether; 0 for no limit, and then ranges without a value have none
 * @returns undefined if there is no limit
 */
export function countedRange(
  range: string,
  limits: RangeLimits,
  totalPerHour: number,
): CountedRange | undefined {
  const name = valuedName(range, limits);
  if (name !== undefined) {
    return { name, ceiling: limits.get(name) ?? 0 };
  }
  return totalPerHour > 0 ? { name: range, ceiling: Math.ceil(totalPerHour * SHARE_OF_TOTAL) } : undefined;
}

/** Whether nothing may be sent to a range. @param range `RU-903` */
export function isBlocked(range: string, limits: RangeLimits): boolean {
  const name = valuedName(range, limits);
  return name !== undefined && limits.get(name) === 0;
}

/** What has a value of the deployment: the range, its country, or neither. */
function valuedName(range: string, limits: RangeLimits): string | undefined {
  return [range, countryOf(range)].find((name) => limits.has(name));
}

/** The country of a range, or of a country itself: `RU`. */
export function countryOf(name: string): string {
  return name.slice(0, 2);
}
