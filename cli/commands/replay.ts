import { Queue, type TakenMessage } from '../aws/queue.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN, UsageError } from '../command.ts';
import { parseDuration } from '../format.ts';
import { Interruption } from '../interruption.ts';
import { cognitoOffice } from '../replay/cognito.ts';
import { commandOffice } from '../replay/commands.ts';
import type { DeadLetter, DeadLetterOffice } from '../replay/dead-letter.ts';
import { discardAll, putBackAll } from '../replay/move.ts';
import { byReason, lettersOf, printLetters } from '../replay/report.ts';
import type { Terminal } from '../terminal.ts';

/** Dead letters that one run looks at. */
const MOST = 1_000;

/** `replay`: lists the dead letters, and puts those that are chosen back to be sent. */
export const replay = defineCommand({
  help: `Usage: ${RUN} replay [--stage dev] [--dry-run]

Lists the messages that came to nothing, asks, and puts them back to be sent: commands into their queue,
events of Cognito to their function. What was sent before is recognised and not sent twice: a command for
four days, an event of Cognito for an hour. Older ones need --again, unless the event's own error says that
nothing was sent. Expired ones stay where they are, and so do those whose reason will not go away, such as
blacklisted, unless --reason names it.

  --dry-run               list them, change nothing
  --queue commands        which dead letters: commands or cognito
  --reason no_money       those of one reason alone
  --max 10                so many at the most, the oldest first
  --extend 10m            commands: expired ones as well, which then live so long from now on (s, m, h)
  --again                 also those that may have been sent, too long ago to be recognised
  --discard               delete those that can never be sent; with --reason all of that reason
  --yes                   do not ask: for scripts
${AWS_HELP}`,
  options: {
    ...AWS_OPTIONS,
    'dry-run': { type: 'boolean', default: false },
    queue: { type: 'string', default: 'commands' },
    reason: { type: 'string' },
    max: { type: 'string' },
    extend: { type: 'string' },
    again: { type: 'boolean', default: false },
    discard: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
  },
  async run({ stage, queue, reason, yes, again, discard, ...rest }, _positionals, terminal) {
    const max = rest.max === undefined ? MOST : Number(rest.max);
    const extend = rest.extend === undefined ? undefined : parseDuration(rest.extend);
    if (!Number.isInteger(max) || max < 1) throw new UsageError('--max must be a whole number, 1 or more');
    if (rest.extend !== undefined && extend === undefined)
      throw new UsageError('--extend must be a time such as 10m');
    if (queue !== 'commands' && queue !== 'cognito')
      throw new UsageError('--queue must be commands or cognito');
    if (queue === 'cognito' && extend !== undefined)
      throw new UsageError("--extend is not for codes of Cognito's");
    if (discard && (extend !== undefined || again))
      throw new UsageError('--discard deletes: neither --extend nor --again goes with it');
    const decisions = { extend, again, reason };
    const office = queue === 'commands' ? commandOffice(stage, decisions) : cognitoOffice(stage, decisions);
    const deadLetters = new Queue(office.from);
    const interruption = new Interruption();
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
      if (movable.length === 0 || rest['dry-run']) {
        const none = `There is none to ${discard ? 'delete' : 'put back'}.`;
        terminal.print(movable.length === 0 ? none : `Dry run: ${lettersOf(movable.length)} would ${what}.`);
        return EXIT.done;
      }
      const question = discard
        ? `Delete ${lettersOf(movable.length)} for good?`
        : `Put ${lettersOf(movable.length)} back to ${office.to}?`;
      if (interruption.happened || !(yes || (await agreed(question, terminal)))) {
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
  },
});

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

async function agreed(question: string, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive) {
    throw new UsageError('Nothing was changed: there is no terminal to ask on, so say --yes');
  }
  return terminal.confirm(question);
}
