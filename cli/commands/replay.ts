import { Queue, type TakenMessage } from '../aws/queue.ts';
import { Interruption } from '../interruption.ts';
import { cognitoOffice } from '../replay/cognito.ts';
import { commandOffice } from '../replay/commands.ts';
import type { DeadLetter, DeadLetterOffice } from '../replay/dead-letter.ts';
import { discardAll, putBackAll } from '../replay/move.ts';
import { byReason, lettersOf, printLetters } from '../replay/report.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type StageOptions, UsageError } from '../usage.ts';

/** Dead letters that one run looks at. */
const MOST = 1_000;

/** The options of `replay`. */
interface ReplayOptions extends StageOptions {
  readonly dryRun?: boolean;
  readonly queue: 'commands' | 'cognito';
  readonly reason?: string;
  readonly max?: number;
  /** ms. */
  readonly extend?: number;
  readonly again?: boolean;
  readonly discard?: boolean;
  readonly yes?: boolean;
}

/** `replay`: lists the dead letters, and puts those that are chosen back to be sent. */
export async function replay(options: ReplayOptions, terminal: Terminal): Promise<number> {
  const { stage, queue, reason, yes, again = false, discard, dryRun, max = MOST, extend } = options;
  if (queue === 'cognito' && extend !== undefined) {
    throw new UsageError('--extend is not for codes of Cognito');
  }
  const decisions = { extend, again, reason };
  const office = queue === 'commands' ? commandOffice(stage, decisions) : cognitoOffice(stage, decisions);
  const deadLetters = new Queue(office.from);
  const interruption = new Interruption(terminal.io.signals);
  try {
    terminal.live(office.from);
    const taken = await deadLetters.take(MOST, () => interruption.happened);
    terminal.live(undefined);
    const hidden = await deadLetters.hiddenByOthers();
    const chosen = choose(taken, office, reason, terminal);
    if (hidden) {
      terminal.print(
        `${lettersOf(hidden)} more hidden: another run has them, or had when it was killed, for 15 minutes at the most.`,
      );
    }
    // Whoever names a reason means all letters of it.
    const ofKind = discard
      ? ({ hopeless }: DeadLetter) => hopeless || reason !== undefined
      : ({ obstacle }: DeadLetter) => obstacle === undefined;
    const movable = chosen.filter(ofKind).slice(0, max);
    const what = discard ? 'be deleted' : `go to ${office.to}`;
    if (movable.length === 0 || dryRun) {
      const none = `There is none to ${discard ? 'delete' : 'put back'}.`;
      terminal.print(movable.length === 0 ? none : `Dry run: ${lettersOf(movable.length)} would ${what}.`);
      return EXIT.done;
    }
    const question = discard
      ? `Delete ${lettersOf(movable.length)} for good?`
      : `Put ${lettersOf(movable.length)} back to ${office.to}?`;
    if (interruption.happened || !(yes || (await terminal.confirm(question, 'Nothing was changed')))) {
      terminal.print(discard ? 'Nothing was deleted.' : 'Nothing was put back.');
      return EXIT.failed;
    }
    const by = { deadLetters, interruption, terminal };
    return await (discard ? discardAll(movable, by) : putBackAll(movable, office, by));
  } finally {
    await deadLetters
      .release()
      .catch(() => terminal.note('What was listed is hidden for 15 minutes: it could not be shown again'));
    interruption.end();
  }
}

function choose(
  messages: readonly TakenMessage[],
  office: DeadLetterOffice,
  wanted: string | undefined,
  terminal: Terminal,
): DeadLetter[] {
  const now = Date.now();
  const letters = messages.map((message) => office.read(message, now));
  terminal.print(
    `${office.from}: ${lettersOf(letters.length)}${letters.length > 0 ? `: ${byReason(letters)}` : ''}`,
  );
  // `tries_exhausted (no_money)` is found by either word.
  const chosen = letters
    .filter(({ reason }) => wanted === undefined || reason.split(/[ ()]+/).includes(wanted))
    .sort((a, b) => a.message.sentAt - b.message.sentAt);
  if (chosen.length > 0) printLetters(chosen, now, terminal);
  return chosen;
}
