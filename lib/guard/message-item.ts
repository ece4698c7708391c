import type { Unknown } from '../outcome.ts';
import type { Item, Update } from '../table.ts';
import type { Claim, Claimant, Remembered } from './claim.ts';
import type { Hash } from './hash.ts';

/** How long an unknown outcome stays in the table, in s: it is what an operator may have to explain. */
const KEEP_UNKNOWN = 86_400;

/** The attributes of a claim. */
const NAMES = {
  '#owner': 'owner',
  '#since': 'since',
  '#until': 'until',
  '#fresh': 'freshUntil',
  '#fingerprint': 'fingerprint',
  '#expires': 'expiresAt',
};

/** Sets what is not there yet. */
const CLAIM = `SET ${Object.keys(NAMES)
  .map((name) => `${name} = if_not_exists(${name}, ${name.replace('#', ':')})`)
  .join(', ')}`;

/**
 * The partition key of a message.
 *
 * @param platform where it comes from: two platforms may name their messages alike
 * @param key what it and its repeats have in common; it may hold a code
 */
export function messageKey(hash: Hash, platform: string, key: string): string {
  return hash('message', platform, key);
}

/** The values of a claim, for {@link claimWrite} and {@link takeOverWrite}. @param now ms of the Unix epoch */
export function claimValues({ owner, remember, fingerprint, until }: Claimant, now: number): Item {
  const fresh = now + remember * 1000;
  return {
    ':owner': { S: owner },
    ':since': { N: String(now) },
    ':until': { N: String(until) },
    ':fresh': { N: String(fresh) },
    ':fingerprint': { S: fingerprint },
    ':expires': { N: String(Math.ceil(fresh / 1000)) },
  };
}

/** The write that claims a message that nobody has claimed, and changes nothing of one that somebody has. */
export function claimWrite(key: string, values: Item): Update {
  return {
    key,
    expression: CLAIM,
    names: NAMES,
    values,
  };
}

/** The write that claims a message that is remembered no longer. @param first who had claimed it; empty if that is not known */
export function takeOverWrite(key: string, first: string, values: Item): Update {
  return {
    key,
    expression:
      'SET #owner = :owner, #since = :since, #until = :until, #fresh = :fresh, #fingerprint = :fingerprint, #expires = :expires REMOVE #outcome',
    condition: '#owner = :first OR #owner = :owner', // the second: this write, whose answer was lost
    names: { ...NAMES, '#outcome': 'outcome' },
    values: { ...values, ':first': { S: first } },
  };
}

/** The write of an outcome, also of a message that could not be claimed. @param now ms of the Unix epoch */
export function outcomeWrite(
  key: string,
  outcome: Remembered,
  { remember, fingerprint }: Pick<Claimant, 'remember' | 'fingerprint'>,
  now: number,
): Update {
  const fresh = now + remember * 1000;
  const kept = outcome.status === 'unknown' ? Math.max(remember, KEEP_UNKNOWN) : remember;
  return {
    key,
    blind: true,
    expression:
      'SET #outcome = :outcome, #expires = :expires, #fresh = if_not_exists(#fresh, :fresh), #owner = if_not_exists(#owner, :nobody), #fingerprint = if_not_exists(#fingerprint, :fingerprint)',
    names: {
      '#outcome': 'outcome',
      '#expires': 'expiresAt',
      '#fresh': 'freshUntil',
      '#owner': 'owner',
      '#fingerprint': 'fingerprint',
    },
    values: {
      ':outcome': { S: JSON.stringify(outcome) },
      ':expires': { N: String(Math.ceil((now + kept * 1000) / 1000)) },
      ':fresh': { N: String(fresh) },
      ':nobody': { S: '' },
      ':fingerprint': { S: fingerprint },
    },
  };
}

/** Whether a message is still remembered: DynamoDB removes an item some time after it expires. @param now ms of the Unix epoch */
export function isRemembered(item: Item, now: number): boolean {
  return Number(item['freshUntil']?.N) > now;
}

/**
 * What an item says; a request that should have ended and left no outcome has been lost with its process.
 *
 * @param now ms of the Unix epoch
 */
export function claimOf(item: Item, now: number): Claim {
  const since = Number(item['since']?.N ?? 0);
  const fingerprint = item['fingerprint']?.S || undefined;
  const outcome = item['outcome']?.S;
  if (outcome !== undefined) {
    return { state: 'done', outcome: JSON.parse(outcome) as Remembered, since, fingerprint };
  }
  const until = Number(item['until']?.N ?? 0);
  return until > now
    ? { state: 'in_flight', until, fingerprint }
    : { state: 'done', outcome: unknownOf(item), since, fingerprint };
}

/** What is known of a message whose request has left no outcome: the name of its delivery. */
export function unknownOf(item: Item): Unknown {
  return { status: 'unknown', reason: 'no_answer', deliveryId: item['owner']?.S || undefined };
}
