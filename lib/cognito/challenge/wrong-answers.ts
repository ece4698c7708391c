import type { Hash } from '../../guard/hash.ts';
import { ConditionFailed, type Item, type Table, type Update } from '../../table.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Characters of a hash that tell answers of one user apart: 72 bits, and an item keeps a day of them. */
const ID_LENGTH = 12;

/** How often the count of a right answer is taken out again before it is left: it then counts as a wrong one, which opens nothing. */
const REMOVAL_TRIES = 10;

/** How many wrong answers a user may give, over all sign-ins. */
export interface WrongAnswerLimits {
  /** In any 60 minutes. */
  readonly wrongAnswersPerHour: number;
  /** In any 24 hours. */
  readonly wrongAnswersPerDay: number;
}

/** The limit that a user has reached. */
export type ReachedLimit = 'hour' | 'day';

/** A user, as the names of the pool's events have it. */
export interface PoolUser {
  readonly userPoolId: string;
  readonly userName?: string | null | undefined;
  readonly request: { readonly userAttributes?: Readonly<Record<string, unknown>> | null | undefined };
}

/**
 * The table key of a user. The name is the one that Cognito resolves an alias to. It counts without regard to case, as it does in pools
 * that do not tell cases apart.
 */
export function userKey(hash: Hash, { userPoolId, userName, request }: PoolUser): string {
  const name = userName || String(request.userAttributes?.['sub'] ?? '');
  return hash('answers', userPoolId, name.toLowerCase());
}

/** An answer to a challenge. */
export interface Answer {
  /** Equal for an answer and its repeat by Cognito, and for nothing else. */
  readonly id: string;
  /** Equal for all answers to one code. */
  readonly code: string;
}

/** Names an answer, so that neither it nor the code can be read. */
export function answerOf(hash: Hash, challenge: string, given: string, code: string): Answer {
  const short = (kind: string, ...parts: string[]) =>
    hash(kind, ...parts).slice(kind.length + 1, kind.length + 1 + ID_LENGTH);
  return { id: short('answer', challenge, given), code: short('code', code) };
}

/** What is known of an answer once it is counted. */
export type Counted =
  /** Nothing is right for this user now. */
  | { readonly reached: ReachedLimit }
  /** It may be compared; so many answers to the same code were counted before it. */
  | { readonly reached?: undefined; readonly earlier: number };

/** An answer that was counted, and when, in ms of the Unix epoch. */
interface Entry extends Answer {
  readonly at: number;
}

/**
 * Counts the wrong answers of each user: one item a user, with the answers of the last day.
 *
 * An answer is counted as a wrong one before it is compared, and taken out if it is right. Of any number of answers at the same time
 * no more are compared than the limits allow: each write holds only for the item that was read before it.
 */
export class WrongAnswers {
  readonly #table: Table;
  readonly #limits: WrongAnswerLimits;

  constructor(table: Table, limits: WrongAnswerLimits) {
    this.#table = table;
    this.#limits = limits;
  }

  /**
   * The limit that a user has reached; undefined if there is none.
   *
   * @param now ms of the Unix epoch
   * @throws the table's error if it cannot be asked
   */
  async reached(user: string, now: number, signal?: AbortSignal): Promise<ReachedLimit | undefined> {
    return this.#reached(entriesOf(await this.#table.get(user, signal)), now);
  }

  /**
   * Counts an answer as a wrong one; its repeat only once.
   *
   * @param now ms of the Unix epoch
   * @throws the table's error if it cannot be asked: the answer must not be compared then
   */
  async count(user: string, answer: Answer, now: number, signal?: AbortSignal): Promise<Counted> {
    let item = await this.#table.get(user, signal);
    for (;;) {
      const entries = entriesOf(item).filter(({ at }) => at > now - DAY_MS);
      const known = entries.findIndex(({ id }) => id === answer.id);
      const before = known < 0 ? entries : entries.slice(0, known);
      const earlier = before.filter(({ code }) => code === answer.code).length;
      if (known >= 0) {
        return { earlier };
      }
      const reached = this.#reached(entries, now);
      if (reached) {
        return { reached };
      }
      const failed = await this.#write(user, item, [...entries, { ...answer, at: now }], now, signal);
      if (!failed) {
        return { earlier };
      }
      item = failed.item; // somebody answered at the same time
    }
  }

  /**
   * Takes an answer out that was right.
   *
   * @param now ms of the Unix epoch
   * @throws the table's error, or an Error if others changed the item each time
   */
  async remove(user: string, { id }: Answer, now: number, signal?: AbortSignal): Promise<void> {
    let item = await this.#table.get(user, signal);
    for (let tries = 1; tries <= REMOVAL_TRIES; tries += 1) {
      const entries = entriesOf(item);
      const others = entries.filter((entry) => entry.id !== id);
      if (others.length === entries.length) {
        return;
      }
      const failed = await this.#write(user, item, others, now, signal);
      if (!failed) {
        return;
      }
      item = failed.item;
    }
    throw new Error('The count of a right answer was not taken out: too many answers changed the item');
  }

  #reached(entries: readonly Entry[], now: number): ReachedLimit | undefined {
    const since = (span: number) => entries.filter(({ at }) => at > now - span).length;
    if (since(DAY_MS) >= this.#limits.wrongAnswersPerDay) return 'day';
    if (since(HOUR_MS) >= this.#limits.wrongAnswersPerHour) return 'hour';
    return undefined;
  }

  /** Writes the entries of an item that nobody has changed since it was read; otherwise says what it is now. */
  async #write(
    key: string,
    item: Item | undefined,
    entries: readonly Entry[],
    now: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly item: Item | undefined } | undefined> {
    const read = item?.['answers'];
    const update: Update = {
      key,
      expression: 'SET #answers = :answers, #expires = :expires',
      condition: read ? '#answers = :read' : 'attribute_not_exists(#answers)',
      names: { '#answers': 'answers', '#expires': 'expiresAt' },
      values: {
        ':answers': { S: JSON.stringify(entries.map(({ at, id, code }) => [at, id, code])) },
        ':expires': { N: String(Math.ceil((now + DAY_MS) / 1000)) },
        ...(read ? { ':read': read } : {}),
      },
    };
    try {
      await this.#table.update(update, signal);
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      return { item: error.item };
    }
  }
}

/** The answers of an item, oldest first. */
function entriesOf(item: Item | undefined): Entry[] {
  const rows = JSON.parse(item?.['answers']?.S ?? '[]') as [number, string, string][];
  return rows.map(([at, id, code]) => ({ at, id, code }));
}
