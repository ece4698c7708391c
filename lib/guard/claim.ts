import type { Accepted, Unknown } from '../outcome.ts';

/** An outcome that a repeat is answered with. */
export type Remembered = Accepted | Unknown;

/** What is known of a message when a request for it comes in. `fingerprint` is the first request's, if it is known. */
export type Claim =
  /** Nothing: this request sends it. */
  | { readonly state: 'mine' }
  /** It was sent, or may have been; its first request came at `since` (ms of the Unix epoch). */
  | {
      readonly state: 'done';
      readonly outcome: Remembered;
      readonly since: number;
      readonly fingerprint?: string | undefined;
    }
  /** Another request is at it, until that time (ms of the Unix epoch) at the latest. */
  | { readonly state: 'in_flight'; readonly until: number; readonly fingerprint?: string | undefined };

/** A request that wants to send a message. */
export interface Claimant {
  /** A name of its own: that of the delivery that it becomes. */
  readonly owner: string;
  /** How long a repeat is recognised, in s. */
  readonly remember: number;
  /** What a repeat must have in common with it, hashed; empty if nothing is compared. */
  readonly fingerprint: string;
  /** When its outcome is in the table at the latest, in ms of the Unix epoch. */
  readonly until: number;
}
