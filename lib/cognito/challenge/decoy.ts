import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard, Idempotency } from '../../guard/guard.ts';
import { keyedHash } from '../../guard/hash.ts';

/** What a send takes, in ms, before this process has seen one: SMS Aero from Frankfurt. */
const USUAL = [260, 290, 320, 350, 400];

/** How many durations are remembered. */
const MEMORY = 20;

/** A message that is not sent. */
export interface DecoyRequest {
  /** What the limits count it by. */
  readonly user: string;
  readonly apiKey: string;
  readonly idempotency: Idempotency;
  /** When the answer must be given, in ms of the Unix epoch. */
  readonly deadline: number;
}

/**
 * Plays a message that is not sent, to a caller who must not learn that: the user is unknown, or has no verified phone.
 *
 * It takes as long as one of the last real sends, is counted by the recipient limits, and shows a phone of its own.
 */
export class Decoy {
  readonly #guard: Pick<Guard, 'ask'> | undefined;
  readonly #durations: number[] = [...USUAL];

  constructor(guard: Pick<Guard, 'ask'> | undefined) {
    this.#guard = guard;
  }

  /** Notes how long a real send took, in ms. */
  took(duration: number): void {
    this.#durations.push(duration);
    this.#durations.splice(0, this.#durations.length - MEMORY);
  }

  /**
   * Waits until a send would have ended that began then: what took less time must not be told from one.
   *
   * @param startedAt as `performance.now()` gives it
   * @param deadline when the answer must be given, in ms of the Unix epoch
   */
  async wait(startedAt: number, deadline: number): Promise<void> {
    const duration = this.#durations[Math.floor(Math.random() * this.#durations.length)] ?? 0;
    await sleep(Math.max(0, Math.min(duration - (performance.now() - startedAt), deadline - Date.now())));
  }

  /**
   * Plays a send.
   *
   * @returns false if a real one would have been refused by now
   */
  async play({ user, apiKey, idempotency, deadline }: DecoyRequest): Promise<boolean> {
    const startedAt = performance.now();
    const verdict = await this.#guard?.ask({
      platform: 'cognito',
      number: `user ${user}`,
      limits: ['recipient'], // what nobody is sent must not use up the limits of the others
      idempotency,
      deadline,
      apiKey,
    });
    await this.wait(startedAt, deadline);
    if (verdict?.verdict === 'send') {
      await verdict.settle({ status: 'unknown', reason: 'no_answer' });
    }
    return verdict?.verdict !== 'rate_exceeded' && verdict?.verdict !== 'unavailable';
  }
}

/**
 * What a caller is shown of the phone: its last two digits. An unknown user's are made up, always the same for the same name; a
 * name that is a phone number shows its own.
 *
 * @param phone E.164; undefined for nobody's
 */
export function shownPhone(phone: string | undefined, user: string, apiKey: string): string {
  const digits = (phone ?? user).replace(/\D/g, '');
  const isPhone = phone !== undefined || /^\+?\d{7,15}$/.test(user);
  const made = Buffer.from(keyedHash(apiKey)('decoy', user)).readUInt32LE(6) % 100;
  return `•••••••••${isPhone ? digits.slice(-2) : String(made).padStart(2, '0')}`;
}
