import type { Hash } from '../../derived-key.ts';
import { type Item, type Table, updateIf } from '../../dynamodb.ts';
import type { Environment } from '../../environment.ts';
import { CODE_LIFETIME, MAX_WRONG_ANSWERS } from './code.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Characters of a hash that tell answers of one user apart: 72 bits, and an item keeps a day of them. */
const ID_LENGTH = 12;

/** How many wrong answers a user may give, over all sign-ins. */
type WrongAnswerLimits = Pick<Environment['challenge'], 'wrongAnswersPerHour' | 'wrongAnswersPerDay'>;

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

export interface Answer {
  /** Equal for an answer and its repeat by Cognito, and for nothing else. */
  readonly id: string;
  /** Equal for all answers to one code. */
  readonly code: string;
  /** Whether it is the code. */
  readonly right: boolean;
}

/** Names an answer, so that neither it nor the code can be read. */
export function answerOf(hash: Hash, challenge: string, given: string, code: string): Omit<Answer, 'right'> {
  const short = (kind: string, ...parts: string[]) =>
    hash(kind, ...parts).slice(kind.length + 1, kind.length + 1 + ID_LENGTH);
  return { id: short('answer', challenge, code, given), code: short('code', code) };
}

/** What an answer comes to once it is counted. */
export type Judged =
  | { readonly right: boolean; readonly refused?: undefined }
  /** It is not right, whatever it is: the user has reached a limit, the code has had its wrong answers, or was used before. */
  | { readonly right: false; readonly refused: ReachedLimit | 'code' | 'used' };

/** An answer that was counted, and when, in ms of the Unix epoch. */
interface Entry extends Answer {
  readonly at: number;
}

/**
 * Counts the answers of each user: one item a user, with the wrong answers of the last day and the codes that were used.
 *
 * Nobody is told that an answer is right before it is written down. Of any number of answers at the same time no more are judged than the
 * limits allow, and a code is used once: each write holds only for the item that was read before it.
 */
export class WrongAnswers {
  readonly #table: Table;
  readonly #limits: WrongAnswerLimits;

  constructor(table: Table, limits: WrongAnswerLimits) {
    this.#table = table;
    this.#limits = limits;
  }

  /** The limit that a user has reached; undefined if there is none. */
  async reached(user: string, now: number, signal?: AbortSignal): Promise<ReachedLimit | undefined> {
    return this.#reached(entriesOf(await this.#table.get(user, signal)), now);
  }

  /**
   * Counts an answer, and says what it comes to; its repeat counts once, and comes to the same.
   *
   * @throws the table's error if it cannot be asked: no answer is right then
   */
  async judge(user: string, answer: Answer, now: number, signal?: AbortSignal): Promise<Judged> {
    let item = await this.#table.get(user, signal);
    for (;;) {
      const entries = entriesOf(item).filter(({ at, right }) => at > now - (right ? CODE_LIFETIME : DAY_MS));
      const repeated = entries.find(({ id }) => id === answer.id);
      if (repeated) {
        return { right: repeated.right };
      }
      const reached = this.#reached(entries, now);
      if (reached) {
        return { right: false, refused: reached };
      }
      const earlier = entries.filter(({ code }) => code === answer.code);
      const isUsed = earlier.some(({ right }) => right);
      const isOver = earlier.filter(({ right }) => !right).length >= MAX_WRONG_ANSWERS;
      const right = answer.right && !isUsed && !isOver;
      const rows = [...entries, { ...answer, right, at: now }].map(rowOf);
      const read = item?.['answers'];
      const update = {
        key: user,
        expression: 'SET #answers = :answers, #expires = :expires',
        condition: read ? '#answers = :read' : 'attribute_not_exists(#answers)',
        names: { '#answers': 'answers', '#expires': 'expiresAt' },
        values: {
          ':answers': { S: JSON.stringify(rows) },
          ':expires': { N: String(Math.ceil((now + DAY_MS) / 1000)) },
          ...(read ? { ':read': read } : {}),
        },
      };
      const written = await updateIf(this.#table, update, signal);
      if (written.held) {
        return isUsed || isOver ? { right: false, refused: isUsed ? 'used' : 'code' } : { right };
      }
      item = written.item; // somebody answered at the same time
    }
  }

  #reached(entries: readonly Entry[], now: number): ReachedLimit | undefined {
    const since = (span: number) => entries.filter(({ at, right }) => !right && at > now - span).length;
    if (since(DAY_MS) >= this.#limits.wrongAnswersPerDay) return 'day';
    if (since(HOUR_MS) >= this.#limits.wrongAnswersPerHour) return 'hour';
    return undefined;
  }
}

/** An answer in an item: a right one has a fourth member. */
type Row = [at: number, id: string, code: string, right?: 1];

function rowOf({ at, id, code, right }: Entry): Row {
  return right ? [at, id, code, 1] : [at, id, code];
}

/** The answers of an item, oldest first. */
function entriesOf(item: Item | undefined): Entry[] {
  const rows = JSON.parse(item?.['answers']?.S ?? '[]') as Row[];
  return rows.map(([at, id, code, right]) => ({ at, id, code, right: right === 1 }));
}
