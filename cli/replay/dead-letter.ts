import type { TakenMessage } from '../aws/queue.ts';

/** A message that came to nothing, as it is listed and put back. */
export interface DeadLetter {
  readonly message: TakenMessage;
  /** Why it came to nothing: a word of ours, of EventBridge's or Lambda's; `gave_up` if SQS itself moved it after 110 tries. */
  readonly reason: string;
  /** Masked. */
  readonly recipient: string;
  /** What it is known by: source and id of a command, the trigger of an event of Cognito's. */
  readonly name: string;
  /** Why it is not put back; undefined if it is. */
  readonly obstacle?: string | undefined;
  /** Whether nothing that could be done would have it sent: what `--discard` deletes. */
  readonly hopeless: boolean;
  /** What is put back. */
  readonly body: string;
}

/** What a person decides about dead letters. */
export interface Decisions {
  /** How long an expired command may live from now on, in ms; undefined if it is not put back. */
  readonly extend: number | undefined;
  /** Whether those are put back that may have been sent already, and that nothing recognises any more. */
  readonly again: boolean;
  /** The reason whose letters alone are meant, also if it is one that would have them come back; undefined for all. */
  readonly reason: string | undefined;
}

/** How a kind of dead letters is read and put back. */
export interface DeadLetterOffice {
  /** The queue that they lie in. */
  readonly from: string;
  /** Where they go, in words. */
  readonly to: string;
  read(message: TakenMessage, now: number): DeadLetter;
  putBack(letter: DeadLetter): Promise<void>;
}
