import { Queue, type TakenMessage } from '../aws/queue.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN, UsageError } from '../command.ts';
import { explain } from '../explain.ts';
import { parseDuration } from '../format.ts';
import { cognitoOffice } from '../replay/cognito.ts';
import { commandOffice } from '../replay/commands.ts';
import type { DeadLetter, DeadLetterOffice } from '../replay/dead-letter.ts';
import { byReason, lettersOf, printLetters } from '../replay/report.ts';
import type { Terminal } from '../terminal.ts';

/** Dead letters that one run looks at. */
const MOST = 1_000;

/** `replay`: lists the dead letters, and puts those that are chosen back to be sent. */
export const replay = defineCommand({
  help: `Usage: ${RUN} replay [--stage dev] [--dry-run]

Lists the messages that came to nothing, asks, and puts them back to be sent: commands into their queue,
events of Cognito to their function. None is sent twice: what was sent before is recognised for a day.
Expired ones stay where they are.

  --dry-run               list them, change nothing
  --queue commands        which dead letters: commands or cognito
  --reason no_money       those of one reason alone
  --max 10                so many at the most, the oldest first
  --extend 10m            commands: expired ones as well, which then live so long from now on (s, m, h)
  --yes                   do not ask: for scripts
${AWS_HELP}`,
  options: {
    ...AWS_OPTIONS,
    'dry-run': { type: 'boolean', default: false },
    queue: { type: 'string', default: 'commands' },
    reason: { type: 'string' },
    max: { type: 'string' },
    extend: { type: 'string' },
    yes: { type: 'boolean', default: false },
  },
  async run({ stage, queue, reason, yes, ...rest }, _positionals, terminal) {
    const max = rest.max === undefined ? MOST : Number(rest.max);
    const extend = rest.extend === undefined ? undefined : parseDuration(rest.extend);
    if (!Number.isInteger(max) || max < 1) throw new UsageError('--max must be a whole number, 1 or more');
    if (rest.extend !== undefined && extend === undefined)
      throw new UsageError('--extend must be a time such as 10m');
    if (queue !== 'commands' && queue !== 'cognito')
      throw new UsageError('--queue must be commands or cognito');
    if (queue === 'cognito' && extend !== undefined)
      throw new UsageError("--extend is not for codes of Cognito's");
    const office = queue === 'commands' ? commandOffice(stage, extend) : cognitoOffice(stage);
    const deadLetters = new Queue(office.from);

    terminal.live(office.from);
    const left = new Set(await deadLetters.take(MOST));
    terminal.live(undefined);
    try {
      const chosen = choose([...left], office, reason, terminal);
      const movable = chosen.filter(({ obstacle }) => obstacle === undefined).slice(0, max);
      if (movable.length === 0 || rest['dry-run']) {
        const would = `${lettersOf(movable.length)} would go to ${office.to}`;
        terminal.print(movable.length === 0 ? 'There is none to put back.' : `Dry run: ${would}.`);
        return EXIT.done;
      }
      if (!yes && !(await agreed(movable.length, office, terminal))) {
        terminal.print('Nothing was put back.');
        return EXIT.failed;
      }
      return await move(movable, { deadLetters, office, left }, terminal);
    } finally {
      await deadLetters.show([...left]);
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

async function agreed(number: number, { to }: DeadLetterOffice, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive) {
    throw new UsageError('Nothing was put back: there is no terminal to ask on, so say --yes');
  }
  return terminal.confirm(`Put ${lettersOf(number)} back to ${to}?`);
}

async function move(
  letters: readonly DeadLetter[],
  from: { deadLetters: Queue; office: DeadLetterOffice; left: Set<TakenMessage> },
  terminal: Terminal,
): Promise<number> {
  const { deadLetters, office, left } = from;
  let moved = 0;
  for (const letter of letters) {
    terminal.live(`${moved} of ${letters.length}`);
    try {
      // In this order: a letter that is in both queues is sent once, one that is in neither never.
      await office.putBack(letter);
      await deadLetters.remove(letter.message);
    } catch (error) {
      terminal.note(`${explain(error)}; the rest stays where it is`);
      break;
    }
    left.delete(letter.message);
    moved += 1;
  }
  terminal.live(undefined);
  terminal.print(`${lettersOf(moved)} put back to ${office.to}.`);
  return moved === letters.length ? EXIT.done : EXIT.failed;
}
