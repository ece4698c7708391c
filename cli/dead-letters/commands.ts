import { expiryOf, readCommand } from '../../lib/queue/command.ts';
import { Queue, type TakenMessage } from '../aws/queue.ts';
import { GATEWAY_REASONS } from '../explain.ts';
import { maskWritten } from '../format.ts';
import type { DeadLetter, DeadLetterQueue } from './dead-letter.ts';

/** Reasons that do not end by themselves: resent, such a command would be here again in a moment, and so would the alarm. */
const LASTING_REASONS = ['invalid_command', 'idempotency_conflict', 'invalid_recipient', 'blacklisted'];

/** The reasons of `sms-queue`: those of the service, and those of SMS Aero. */
const REASONS = [
  ...LASTING_REASONS,
  ...['expired', 'country_not_allowed', 'text_too_long', 'rate_exceeded', 'guard_unavailable', 'gave_up'],
  ...GATEWAY_REASONS,
];

/**
 * The dead letters of `sms-queue`: commands as they came, with the attributes `Reason` and `LastReason` of the function, or `ERROR_CODE`
 * of EventBridge. A command lives for a day at most, and the guard recognises it for two, so resending one never sends it twice.
 */
export function commandDeadLetters(stage: string): DeadLetterQueue {
  const commands = new Queue(`smsaero-${stage}-commands`);
  return {
    name: `smsaero-${stage}-dead-letters`,
    target: commands.name,
    reasons: [...new Set(REASONS)],
    recognisedFor: 'two days',
    read: readDeadCommand,
    resend: ({ body }) => commands.send(body),
  };
}

function readDeadCommand(message: TakenMessage, now: number, wanted: string | undefined): DeadLetter {
  const { attributes, body } = message;
  const { Reason, LastReason, ERROR_CODE } = attributes;
  const reason = Reason ?? ERROR_CODE ?? 'gave_up';
  const { command, problems = [] } = readCommand(body, now);
  if (!command) {
    const fields = problems.map(({ path, code }) => `${path || '(body)'} ${code}`).join(', ');
    return { message, reason, recipient: '-', name: '-', obstacle: `not a command: ${fields}`, body };
  }
  const isLasting = LASTING_REASONS.includes(reason) && wanted !== reason;
  const obstacle = isLasting ? `would fail again; resend --reason ${reason} tries it` : undefined;
  return {
    message,
    reason,
    lastReason: LastReason,
    recipient: maskWritten(command.data.to),
    name: `${command.source} ${command.id}`,
    obstacle: now >= expiryOf(command) ? 'has expired' : obstacle,
    body,
  };
}
