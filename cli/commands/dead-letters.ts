import { Queue } from '../aws/queue.ts';
import { confirmTarget } from '../aws/target.ts';
import { cognitoDeadLetters } from '../dead-letters/cognito.ts';
import { commandDeadLetters } from '../dead-letters/commands.ts';
import {
  countByReason,
  countOf,
  type DeadLetter,
  type DeadLetterQueue,
  printTable,
  toJson,
} from '../dead-letters/dead-letter.ts';
import { explain } from '../explain.ts';
import { shown } from '../format.ts';
import { Interruption, type Terminal } from '../terminal.ts';
import { didYouMean, EXIT, type StageOptions, UsageError, type WriteOptions } from '../usage.ts';

/** Dead letters that one run looks at. */
const MAX_MESSAGES = 1_000;

interface ChoiceOptions extends StageOptions {
  readonly queue: 'commands' | 'cognito';
  readonly reason?: string;
  readonly max?: number;
}

type ChangeOptions = ChoiceOptions & WriteOptions;

/** What a command works with while the dead letters are hidden from others. */
interface Work {
  readonly source: DeadLetterQueue;
  readonly queue: Queue;
  /** How many there are by reason, in words. */
  readonly summary: string;
  /** Those of the wanted reason, the oldest first. */
  readonly deadLetters: readonly DeadLetter[];
  readonly interruption: Interruption;
}

export async function list(options: ChoiceOptions, terminal: Terminal): Promise<number> {
  return withDeadLetters(options, terminal, async (work) => {
    const { source, interruption } = work;
    const deadLetters = work.deadLetters.slice(0, options.max);
    print({ ...work, deadLetters }, terminal);
    terminal.result({ queue: source.name, deadLetters: deadLetters.map(toJson) });
    return interruption.happened ? EXIT.failed : EXIT.done;
  });
}

/** `dead-letters resend`: sends those again that can still be of use. */
export async function resend(options: ChangeOptions, terminal: Terminal): Promise<number> {
  return withDeadLetters(options, terminal, async (work) => {
    print(work, terminal);
    const { source, queue, deadLetters } = work;
    const alive = deadLetters.filter(({ obstacle }) => obstacle === undefined).slice(0, options.max);
    if (alive.length === 0) {
      terminal.print('Nothing to resend.');
      terminal.result({ queue: source.name, target: source.target, resent: 0 });
      return EXIT.done;
    }
    const question = `Resend ${countOf(alive.length)} to ${source.target}?`;
    if (!(await isConfirmed(question, options, work, terminal))) return EXIT.failed;
    let sent = 0;
    const done = await forEach(alive, work, terminal, async (deadLetter) => {
      // In this order: one that is in both queues is sent once, one that is in neither never.
      await source.resend(deadLetter);
      sent += 1;
      await queue.remove(deadLetter.message);
    });
    terminal.print(`${countOf(sent)} resent to ${source.target}.`);
    terminal.result({ queue: source.name, target: source.target, resent: sent });
    if (sent > done) {
      terminal.print(
        `The last of them was resent, but is still in ${source.name}: ${shown(alive[done]?.name ?? '')}. If you resend it within ${source.recognisedFor}, it is recognised and not sent twice.`,
      );
    }
    return done === alive.length ? EXIT.done : EXIT.failed;
  });
}

/** `dead-letters discard`: deletes those that `resend` leaves, or all of one reason. */
export async function discard(options: ChangeOptions, terminal: Terminal): Promise<number> {
  return withDeadLetters(options, terminal, async (work) => {
    print(work, terminal);
    // Whoever names a reason means all of it.
    const isMeant = ({ obstacle }: DeadLetter) => obstacle !== undefined || options.reason !== undefined;
    const meant = work.deadLetters.filter(isMeant).slice(0, options.max);
    if (meant.length === 0) {
      terminal.print('Nothing to delete.');
      terminal.result({ queue: work.source.name, deleted: 0 });
      return EXIT.done;
    }
    const question = `Delete ${countOf(meant.length)} for good?`;
    if (!(await isConfirmed(question, options, work, terminal))) return EXIT.failed;
    const deleted = await forEach(meant, work, terminal, ({ message }) => work.queue.remove(message));
    terminal.print(`${countOf(deleted)} deleted.`);
    terminal.result({ queue: work.source.name, deleted });
    return deleted === meant.length ? EXIT.done : EXIT.failed;
  });
}

/** Hides the dead letters, and shows again what was not deleted, also after an error or Ctrl-C. */
async function withDeadLetters(
  { stage, queue: kind, reason }: ChoiceOptions,
  terminal: Terminal,
  use: (work: Work) => Promise<number>,
): Promise<number> {
  const source = kind === 'commands' ? commandDeadLetters(stage) : cognitoDeadLetters(stage);
  const queue = new Queue(source.name);
  const interruption = new Interruption(terminal.io.signals);
  try {
    terminal.live(source.name);
    const messages = await queue.take(MAX_MESSAGES, () => interruption.happened);
    terminal.live(undefined);
    const hidden = await queue.hiddenByOthers();
    const now = Date.now();
    const all = messages.map((message) => source.read(message, now, reason));
    const reasons = [
      ...new Set([...source.reasons, ...all.flatMap((one) => [one.reason, one.lastReason ?? []].flat())]),
    ];
    if (reason !== undefined && !reasons.includes(reason)) {
      throw new UsageError(
        `--reason "${reason}" is not a reason (${reasons.join(', ')})${didYouMean(reason, reasons)}`,
      );
    }
    const deadLetters = all
      .filter((one) => reason === undefined || reason === one.reason || reason === one.lastReason)
      .sort((a, b) => a.message.sentAt - b.message.sentAt);
    if (hidden) {
      terminal.note(
        `${countOf(hidden)} more hidden, for 15 minutes at most: another run has them, or was killed.`,
      );
    }
    const summary = [source.name, countOf(all.length), countByReason(all)].filter(Boolean).join(': ');
    return await use({ source, queue, summary, deadLetters, interruption });
  } finally {
    await queue
      .release()
      .catch(() =>
        terminal.note('The listed messages stay hidden for 15 minutes: they could not be shown again'),
      );
    interruption.end();
  }
}

function print({ summary, deadLetters }: Work, terminal: Terminal): void {
  terminal.print(summary);
  if (deadLetters.length > 0) printTable(deadLetters, Date.now(), terminal);
}

async function isConfirmed(
  question: string,
  options: ChangeOptions,
  { interruption }: Work,
  terminal: Terminal,
): Promise<boolean> {
  const nothing = 'Nothing was changed';
  if (!interruption.happened) return Boolean(await confirmTarget(question, nothing, options, terminal));
  terminal.print(`${nothing}.`);
  return false;
}

/** Works on one after the other, until one fails or Ctrl-C comes. @returns how many are done */
async function forEach(
  deadLetters: readonly DeadLetter[],
  { interruption }: Work,
  terminal: Terminal,
  work: (deadLetter: DeadLetter) => Promise<void>,
): Promise<number> {
  let done = 0;
  for (const deadLetter of deadLetters) {
    if (interruption.happened) {
      terminal.note('Interrupted: the rest was not changed');
      break;
    }
    terminal.live(`${done} of ${deadLetters.length}`);
    try {
      await work(deadLetter);
    } catch (error) {
      terminal.note(`${explain(error)}; the rest was left`);
      break;
    }
    done += 1;
  }
  terminal.live(undefined);
  return done;
}
