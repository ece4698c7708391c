import { type Item, type Table, updateIf } from '../dynamodb.ts';

/** A request that wants to send a message. */
export interface Claimant {
  readonly deliveryId: string;
  /** What a repeat must have in common with it, hashed; empty if nothing is compared. */
  readonly fingerprint: string;
  /** When its outcome is in the table at the latest, in ms of the Unix epoch. */
  readonly until: number;
  /** How long a repeat is recognised, in s. */
  readonly ttlS: number;
  /** Whether it writes {@link Claims.begin} before it sends: without that, a claim whose process is lost may have been sent. */
  readonly begins: boolean;
}

/** What the table knows of a message when a request for it comes in. */
export type Claim =
  /** Nothing: the message belongs to this request. */
  | { readonly state: 'mine' }
  /** Another request has it. */
  | {
      readonly state: 'taken';
      /** Name of that request's delivery, whose record holds the outcome. */
      readonly deliveryId: string;
      readonly fingerprint: string;
      /** When that request has ended at the latest, in ms of the Unix epoch. */
      readonly until: number;
      /** Whether it may have sent the message. */
      readonly begun: boolean;
    };

/** The attributes of a claim, and the values that they get. */
const NAMES = {
  '#owner': 'owner',
  '#until': 'until',
  '#validUntil': 'validUntil',
  '#fingerprint': 'fingerprint',
  '#begun': 'begun',
  '#expires': 'expiresAt',
};
const ATTRIBUTES = Object.keys(NAMES).map((name) => [name, name.replace('#', ':')] as const);

/** Sets what is not there yet: no condition fails, so the answer always says who has the message. */
const CLAIM = `SET ${ATTRIBUTES.map(([name, value]) => `${name} = if_not_exists(${name}, ${value})`).join(', ')}`;
const TAKE_OVER = `SET ${ATTRIBUTES.map(([name, value]) => `${name} = ${value}`).join(', ')}`;

/** How long the item of a released message stays, in s: longer than a write can be under way. */
const RELEASED_TTL_S = 3_600;

/** Which request has which message: one item a message, written once. Whoever reads the table finds hashes. */
export class Claims {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Claims a message for a request, in one write that also tells who was first. A claim that is not valid any more is taken over: DynamoDB
   * removes it some time later.
   *
   * @param key the table key of the message
   * @param now ms of the Unix epoch
   */
  async claim(key: string, claimant: Claimant, now: number, signal: AbortSignal): Promise<Claim> {
    const values = valuesOf(claimant, now);
    const item = await this.#table.update(
      { key, returnItem: true, expression: CLAIM, names: NAMES, values },
      signal,
    );
    const claim = claimOf(item, claimant);
    return claim.state === 'taken' && isOver(item, now)
      ? this.takeOver(key, claim.deliveryId, claimant, now, signal)
      : claim;
  }

  /**
   * Takes a message over from a request that did not send it.
   *
   * @param first the delivery that has it
   * @param now ms of the Unix epoch
   * @returns who has the message now: another request may have been faster
   */
  async takeOver(
    key: string,
    first: string,
    claimant: Claimant,
    now: number,
    signal: AbortSignal,
    unbegun = false,
  ): Promise<Claim> {
    const update = {
      key,
      returnItem: true,
      expression: TAKE_OVER,
      condition: unbegun
        ? '(#owner = :first AND #begun = :false) OR attribute_not_exists(#owner)'
        : '#owner = :first OR attribute_not_exists(#owner)',
      names: NAMES,
      values: {
        ...valuesOf(claimant, now),
        ':first': { S: first },
        ...(unbegun ? { ':false': { BOOL: false } } : {}),
      },
    };
    const { item = {} } = await updateIf(this.#table, update, signal);
    return claimOf(item, claimant);
  }

  /**
   * Notes that a request sends its message now.
   *
   * @returns false if the message belongs to another request meanwhile
   */
  async begin(key: string, deliveryId: string, signal: AbortSignal): Promise<boolean> {
    const update = {
      key,
      expression: 'SET #begun = :true',
      condition: '#owner = :owner',
      names: { '#begun': 'begun', '#owner': 'owner' },
      values: { ':true': { BOOL: true }, ':owner': { S: deliveryId } },
    };
    return (await updateIf(this.#table, update, signal)).held;
  }

  /** Who has a message; undefined if nobody has, or nobody any more. @param now ms of the Unix epoch */
  async read(
    key: string,
    now: number,
    signal: AbortSignal,
  ): Promise<Extract<Claim, { state: 'taken' }> | undefined> {
    const item = await this.#table.get(key, signal);
    return item && !isOver(item, now) ? takenOf(item) : undefined;
  }

  /**
   * Lets go of a message that was not sent, so that a repeat may send it. The item stays, without validity: a claim that had no answer may be
   * written after this, and must not bring the message back.
   *
   * @param now ms of the Unix epoch
   */
  async release(key: string, deliveryId: string, now: number, signal: AbortSignal): Promise<void> {
    const update = {
      key,
      expression: 'SET #owner = :owner, #validUntil = :over, #expires = :expires',
      condition: 'attribute_not_exists(#owner) OR #owner = :owner', // else another request has it
      names: { '#owner': 'owner', '#validUntil': 'validUntil', '#expires': 'expiresAt' },
      values: {
        ':owner': { S: deliveryId },
        ':over': { N: '0' },
        ':expires': { N: String(Math.ceil(now / 1000) + RELEASED_TTL_S) },
      },
    };
    await updateIf(this.#table, update, signal);
  }
}

function isOver(item: Item, now: number): boolean {
  return Number(item['validUntil']?.N) <= now;
}

function valuesOf({ deliveryId, fingerprint, until, ttlS, begins }: Claimant, now: number): Item {
  const validUntil = now + ttlS * 1000;
  return {
    ':owner': { S: deliveryId },
    ':until': { N: String(until) },
    ':validUntil': { N: String(validUntil) },
    ':fingerprint': { S: fingerprint },
    ':begun': { BOOL: !begins },
    ':expires': { N: String(Math.ceil(validUntil / 1000)) }, // whole seconds, and not too early
  };
}

function claimOf(item: Item, { deliveryId }: Claimant): Claim {
  return item['owner']?.S === deliveryId ? { state: 'mine' } : takenOf(item);
}

function takenOf(item: Item): Extract<Claim, { state: 'taken' }> {
  return {
    state: 'taken',
    deliveryId: item['owner']?.S ?? '',
    fingerprint: item['fingerprint']?.S ?? '',
    until: Number(item['until']?.N ?? 0),
    begun: item['begun']?.BOOL !== false,
  };
}
