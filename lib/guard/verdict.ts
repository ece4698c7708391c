import type { Environment } from '../environment.ts';
import type { SentOutcome } from '../message/outcome.ts';
import type { FailureReason } from '../smsaero/send-result.ts';
import type { Counted, LimitName, LimitRefusal } from './limits.ts';

/** What identifies a request, so that its repeat is recognised. */
export interface Idempotency {
  /** Equal for a request and its repeats, and for nothing else. It may hold a code: only its keyed hash is stored. */
  readonly key: string;
  /** How long a repeat is recognised, in s. */
  readonly ttlS: number;
  /** What a repeat must have in common besides the key, where the caller chooses the key. It may hold a code: it is stored as `key` is. */
  readonly fingerprint?: string | undefined;
}

/** What the guard must know of a message. */
export interface GuardRequest extends Counted {
  readonly platform: string;
  /** Name of the delivery that it becomes if it is sent. */
  readonly deliveryId: string;
  /** Absent for a request that may come again in the same form. */
  readonly idempotency?: Idempotency | undefined;
  /** Whether it is refused when the table cannot be asked, whatever the deployment's setting. */
  readonly guardRequired?: boolean | undefined;
  /** Whether its handler is called again if it was not sent: nobody waits for the answer. */
  readonly retried?: boolean | undefined;
  /** When the outcome must be known, in ms of the Unix epoch. */
  readonly deadline: number;
  /** What the hashes are keyed with. */
  readonly hashKey: string;
}

/** The parts of the guard, as logs and metrics name them. */
export type GuardPart = 'duplicates' | LimitName;

/** How a message that the guard let through ended: it was sent, it may have been, or nothing was sent for this reason. */
export type Completion = SentOutcome | { readonly status: 'failed'; readonly reason: FailureReason };

/** What the guard says of a message. */
export type Verdict =
  /** It may be sent. */
  | {
      readonly verdict: 'send';
      /** Parts that could not be asked. */
      readonly skipped: readonly GuardPart[];
      /**
       * Must be called with how it ended; never throws.
       *
       * @param recorded whether the record of its delivery is written; undefined if it has none
       */
      complete(completion: Completion, recorded?: Promise<boolean | undefined>): Promise<void>;
    }
  /** It is a repeat: nothing is sent, and the caller gets the answer to the first request. */
  | { readonly verdict: 'duplicate'; readonly of: SentOutcome }
  /** Its key belongs to another message. */
  | { readonly verdict: 'conflict' }
  | ({ readonly verdict: 'rate_exceeded' } & LimitRefusal)
  /** The table could not be asked, and nothing is sent without it. */
  | { readonly verdict: 'unavailable' };

export type GuardSettings = Environment['guard'];
