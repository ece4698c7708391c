import { setTimeout as sleep } from 'node:timers/promises';
import { keyedHash } from '../../guard/hash.ts';

/** What a send takes, in ms, before this process has seen one: SMS Aero from Frankfurt. */
const USUAL = [260, 290, 320, 350, 400];

/** How many durations are remembered. */
const MEMORY = 20;

/** How long a failure of real sends makes the unreal ones fail as well, in ms. */
const FAILING = 60_000;

/**
 * Takes the time of a message that is not sent, for a caller who must not learn that: the user is unknown, has no verified phone, or has
 * been sent too many.
 */
export class Decoy {
  readonly #durations: number[] = [...USUAL];
  #failedAt = 0;

  /** Notes how long a real send took, in ms. */
  took(duration: number): void {
    this.#durations.push(duration);
    this.#durations.splice(0, this.#durations.length - MEMORY);
    this.#failedAt = 0;
  }

  /** Notes that a real send failed, for a reason that has nothing to do with its recipient. */
  failed(): void {
    this.#failedAt = Date.now();
  }

  /** Whether a send would fail now, as far as this process knows. */
  get failing(): boolean {
    return Date.now() - this.#failedAt < FAILING;
  }

  /**
   * Waits until a send would have ended that began then.
   *
   * @param startedAt as `performance.now()` gives it
   * @param deadline when the answer must be given, in ms of the Unix epoch
   */
  async wait(startedAt: number, deadline: number): Promise<void> {
    const duration = this.#durations[Math.floor(Math.random() * this.#durations.length)] ?? 0;
    await sleep(Math.max(0, Math.min(duration - (performance.now() - startedAt), deadline - Date.now())));
  }
}

/**
 * What a caller is shown of the phone: its last two digits. An unknown user's are made up, always the same for the same name; a
 * name that is a phone number shows its own.
 *
 * @param phone E.164; undefined for nobody's
 */
export function shownPhone(phone: string | undefined, user: string, hashKey: string): string {
  const digits = (phone ?? user).replace(/\D/g, '');
  const isPhone = phone !== undefined || /^\+?\d{7,15}$/.test(user);
  const made = Buffer.from(keyedHash(hashKey)('decoy', user)).readUInt32LE(6) % 100;
  return `•••••••••${isPhone ? digits.slice(-2) : String(made).padStart(2, '0')}`;
}
