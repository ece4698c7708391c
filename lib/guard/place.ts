/** A place under a limit, to be given back if nothing is sent after all. */
export interface Place {
  /**
   * Whose it is: `message` if it stands for the message, whichever of its requests took it; `request` if every request has its own;
   * `spare` if the message had one already.
   */
  readonly of: 'message' | 'request' | 'spare';
  giveBack(): Promise<void>;
}

/** The answer to a request for a place. */
export type Taken =
  | { readonly granted: true; readonly place: Place }
  /** `retryAfter` in seconds, at least 1. */
  | { readonly granted: false; readonly retryAfter: number };
