import { maskPhone } from '../../lib/observability/redact.ts';
import { REMEMBER } from '../../lib/queue/carry-out.ts';
import { type Command, expiryOf } from '../../lib/queue/command.ts';
import { FIRST_SENT, firstSentAt } from '../../lib/queue/first-sent.ts';
import { unwrapCommand } from '../../lib/queue/unwrap.ts';
import { Queue, type TakenMessage } from '../aws/queue.ts';
import type { DeadLetter, DeadLetterOffice, Decisions } from './dead-letter.ts';

const HOUR = 3_600_000;

/**
 * Up to what age a command that was sent is recognised, in ms: the four days that the guard knows it (REMEMBER in
 * lib/queue/carry-out.ts), less an hour for its way through the queue.
 */
const RECOGNISED = REMEMBER * 1000 - HOUR;

/** Reasons that do not go away by themselves: put back, a command would be here again in a moment, and so would the alarm. */
const FINAL = ['invalid_command', 'idempotency_conflict', 'invalid_recipient', 'blacklisted'];

/**
 * The dead letters of `sms-queue`: commands, with the attributes `Reason` and `LastReason` that it gave them, or `ERROR_CODE` of
 * EventBridge's.
 */
export function commandOffice(stage: string, decisions: Decisions): DeadLetterOffice {
  const commands = new Queue(`smsaero-${stage}-commands`);
  return {
    from: `smsaero-${stage}-dead-letters`,
    to: commands.name,
    read: (message, now) => readCommand(message, decisions, now),
    putBack: ({ body, message }) => commands.send(body, { [FIRST_SENT]: String(firstSentAtOf(message)) }),
  };
}

/** One that SQS moved by itself has its own time still. */
const firstSentAtOf = ({ sentAt, attributes }: TakenMessage) => firstSentAt(sentAt, attributes[FIRST_SENT]);

function readCommand(
  message: TakenMessage,
  { extend, again, ...decisions }: Decisions,
  now: number,
): DeadLetter {
  const { attributes, body, sentAt } = message;
  const { Reason, LastReason, ERROR_CODE } = attributes;
  const reason = Reason ?? ERROR_CODE ?? 'gave_up';
  const { command, wrappedAt, problems = [] } = unwrapCommand(body);
  if (!command) {
    const fields = problems.map(({ path, code }) => `${path || 'body'} ${code}`).join(', ');
    const obstacle = `is no command: ${fields}`;
    return { message, reason, recipient: '-', name: '-', body, obstacle, hopeless: true };
  }
  const begun = firstSentAtOf(message);
  const expired = reason === 'expired' || now >= expiryOf(command, begun, wrappedAt);
  const letter = {
    message,
    reason: LastReason === undefined || LastReason === reason ? reason : `${reason} (${LastReason})`,
    recipient: maskPhone(command.data.to),
    name: `${command.source} ${command.id}`,
    body: expired && extend !== undefined ? extended(command, now + extend) : body,
    hopeless: expired || FINAL.includes(reason),
  };
  if (expired && extend === undefined) {
    return { ...letter, obstacle: 'has expired; --extend 10m gives it time' };
  }
  if (FINAL.includes(reason) && decisions.reason !== reason) {
    return { ...letter, obstacle: `would come back; --reason ${reason} puts it back, --discard deletes it` };
  }
  // Sent by a function that broke then, or by a replay that was killed between putting it back and removing it here. What the function put
  // aside with a reason it had not sent by then; what SQS gave up may have been sent as soon as the queue had it, also before a replay.
  return again || now < (Reason === undefined ? begun : sentAt) + RECOGNISED
    ? letter
    : {
        ...letter,
        obstacle: 'may have been sent, too long ago to be recognised; --again sends it all the same',
      };
}

/** The command with another end. It is still the same to the guard: source and id name it. */
function extended(command: Command, expiresAt: number): string {
  return JSON.stringify({
    ...command,
    data: { ...command.data, expiresAt: new Date(expiresAt).toISOString() },
  });
}
