import type { Remembered } from './claim.ts';
import type { LimitName, RateSettings } from './limits.ts';
import type { Counted, RateExceeded } from './rates.ts';

/** What identifies a request, so that its repeat is known. */
export interface Idempotency {
  /** Equal for a request and its repeats, and for nothing else. It may hold a code: only its keyed hash is stored. */
  readonly key: string;
  /** How long a repeat is recognised, in s. */
  readonly remember: number;
  /** What a repeat must have in common besides the key, where somebody else chooses it. It may hold a code: it is stored as `key` is. */
  readonly fingerprint?: string | undefined;
}

/** What the guard must know of a message. */
export interface GuardRequest extends Omit<Counted, 'message'> {
  readonly platform: string;
  /** The name of the delivery that it becomes if it is sent. */
  readonly deliveryId: string;
  /** Absent for a request that may come again in the same form. */
  readonly idempotency?: Idempotency | undefined;
  /** Whether it may have been sent already by a process that was lost: it is not sent then unless the table knows that it was not. */
  readonly mayBeRepeat?: boolean | undefined;
  /** When the outcome must be known, in ms of the Unix epoch. */
  readonly deadline: number;
  /** What the hashes are keyed with. */
  readonly hashKey: string;
}

/** The parts of the guard, as logs and metrics name them. */
export type GuardPart = 'duplicates' | LimitName;

/** The guard's word on a message. */
export type Verdict =
  /** It may be sent. */
  | {
      readonly verdict: 'send';
      /** Parts that could not be asked. */
      readonly skipped: readonly GuardPart[];
      /** Must be told how it ended: the outcome, or undefined if nothing was sent. Never throws. */
      settle(outcome: Remembered | undefined): Promise<void>;
    }
  /** It is a repeat: nothing is sent, the caller hears what the first one heard. */
  | { readonly verdict: 'duplicate'; readonly of: Remembered }
  /** Its key belongs to another message. */
  | { readonly verdict: 'conflict' }
  | ({ readonly verdict: 'rate_exceeded' } & RateExceeded)
  /** The table could not be asked, and the setting says not to send then. */
  | { readonly verdict: 'unavailable' };

/** How the guard is set. */
export interface GuardSettings extends RateSettings {
  /** Time for the table's answers, in ms. */
  readonly timeout: number;
  /** Whether a message is refused when the table cannot be asked. */
  readonly required: boolean;
}
