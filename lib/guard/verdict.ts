import type { Environment } from '../environment.ts';
import type { SentOutcome } from '../message/outcome.ts';
import type { Idempotency, SmsRequest } from '../message/sms-request.ts';
import type { FailureReason } from '../smsaero/send-result.ts';
import type { Counted, LimitName, LimitRefusal } from './limits.ts';

/** What the guard must know of a message. */
export interface GuardRequest
  extends Counted,
    Pick<SmsRequest, 'platform' | 'guardRequired' | 'retried' | 'deadline'> {
  /** Name of the delivery that it becomes if it is sent. */
  readonly deliveryId: string;
  /** Absent for a request that may come again in the same form. */
  readonly idempotency?: Idempotency | undefined;
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
