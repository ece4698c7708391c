import type { Queue } from '../aws/queue.ts';
import { explain } from '../explain.ts';
import type { Interruption } from '../interruption.ts';
import { shown } from '../redact.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT } from '../usage.ts';
import type { DeadLetter, DeadLetterOffice } from './dead-letter.ts';
import { lettersOf } from './report.ts';

/** What dead letters are moved with. */
export interface MoveOptions {
  readonly deadLetters: Queue;
  readonly interruption: Interruption;
  readonly terminal: Terminal;
}

/**
 * Puts letters back to be sent, one after the other, and says what was done, also when it ends early.
 *
 * @returns the exit code
 */
export async function putBackAll(
  letters: readonly DeadLetter[],
  office: DeadLetterOffice,
  { deadLetters, interruption, terminal }: MoveOptions,
): Promise<number> {
  let sent = 0;
  let removed = 0;
  for (const letter of letters) {
    if (interruption.happened) break;
    terminal.live(`${removed} of ${letters.length}`);
    try {
      // In this order: a letter that is in both queues is sent once, one that is in neither never.
      await office.putBack(letter);
      sent += 1;
      await deadLetters.remove(letter.message);
      removed += 1;
    } catch (error) {
      terminal.note(`${explain(error)}; the rest stays where it is`);
      break;
    }
  }
  terminal.live(undefined);
  terminal.print(`${lettersOf(sent)} put back to ${office.to}.`);
  if (sent > removed) {
    const [letter] = letters.slice(removed);
    terminal.print(
      `The last of them was put back, but is still listed here: ${shown(letter?.name ?? '')}. Put back again, it is recognised as long as it is young enough to need no --again.`,
    );
  }
  if (interruption.happened) terminal.note('Interrupted: the rest stays where it is');
  return removed === letters.length ? EXIT.done : EXIT.failed;
}

/**
 * Deletes letters.
 *
 * @returns the exit code
 */
export async function discardAll(
  letters: readonly DeadLetter[],
  { deadLetters, interruption, terminal }: MoveOptions,
): Promise<number> {
  let removed = 0;
  for (const { message } of letters) {
    if (interruption.happened) break;
    terminal.live(`${removed} of ${letters.length}`);
    try {
      await deadLetters.remove(message);
    } catch (error) {
      terminal.note(`${explain(error)}; the rest stays where it is`);
      break;
    }
    removed += 1;
  }
  terminal.live(undefined);
  terminal.print(`${lettersOf(removed)} deleted.`);
  return removed === letters.length ? EXIT.done : EXIT.failed;
}
