import { maskPhone } from '../../lib/observability/redact.ts';
import { type Command, expiryOf } from '../../lib/queue/command.ts';
import { unwrapCommand } from '../../lib/queue/unwrap.ts';
import { Queue, type TakenMessage } from '../aws/queue.ts';
import type { DeadLetter, DeadLetterOffice } from './dead-letter.ts';

/**
 * The dead letters of `sms-queue`: commands, with the attributes `Reason` and `LastReason` that it gave them, or `ERROR_CODE` of
 * EventBridge's.
 *
 * @param extend how long an expired command may live from now on, in ms; undefined if it is not put back
 */
export function commandOffice(stage: string, extend: number | undefined): DeadLetterOffice {
  const commands = new Queue(`smsaero-${stage}-commands`);
  return {
    from: `smsaero-${stage}-dead-letters`,
    to: commands.name,
    read: (message, now) => readCommand(message, extend, now),
    putBack: ({ body }) => commands.send(body),
  };
}

function readCommand(message: TakenMessage, extend: number | undefined, now: number): DeadLetter {
  const { attributes, body, sentAt } = message;
  const { Reason, LastReason, ERROR_CODE } = attributes;
  const reason = Reason ?? ERROR_CODE ?? 'gave_up';
  const { command, problems = [] } = unwrapCommand(body);
  if (!command) {
    const fields = problems.map(({ path, code }) => `${path || 'body'} ${code}`).join(', ');
    return { message, reason, recipient: '-', name: '-', body, obstacle: `is no command: ${fields}` };
  }
  const letter = {
    message,
    reason: LastReason === undefined || LastReason === reason ? reason : `${reason} (${LastReason})`,
    recipient: maskPhone(command.data.to),
    name: `${command.source} ${command.id}`,
  };
  // Without a time of its own it would live from now on again, which nobody meant.
  if (reason !== 'expired' && now < expiryOf(command, sentAt)) {
    return { ...letter, body };
  }
  return extend === undefined
    ? { ...letter, body, obstacle: 'has expired; --extend 10m gives it time' }
    : { ...letter, body: extended(command, now + extend) };
}

/** The command with another end. It is still the same to the guard: source and id name it. */
function extended(command: Command, expiresAt: number): string {
  return JSON.stringify({
    ...command,
    data: { ...command.data, expiresAt: new Date(expiresAt).toISOString() },
  });
}
