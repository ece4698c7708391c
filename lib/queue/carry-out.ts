import { ConfigurationError } from '../config/parameters.ts';
import { type Duplicate, mayPass, type NotSent, type Outcome } from '../outcome.ts';
import type { SendSms } from '../send-sms.ts';
import { fingerprintOf } from '../sms-command.ts';
import { GENERIC } from '../templates/template.ts';
import { type Command, expiryOf } from './command.ts';
import type { QueuedMessage } from './command-queue.ts';
import { Fates, type FatesOptions, GoesBack, nameOf, type Passing } from './fates.ts';
import { firstSentAtOf, isPutBack } from './first-sent.ts';
import { unwrapCommand } from './unwrap.ts';

/** Nobody waits for the answer, so SMS Aero may take its time: a late answer is better than an unknown outcome. In ms. */
const PATIENCE = 8_000;

/** A message is begun only while the function has this long, in ms: less would cut its answer off. */
const MIN_TIME = 2_500;

/** How long a message is kept past its end whose fate cannot be asked for now, in ms. */
const TIME_TO_ASK = 3_600_000;

/** How long a command that comes again is recognised, in s: as long as the queue keeps it (infra/queue.yml). */
export const REMEMBER = 4 * 86_400;

/** A message that was begun before its end gets this long for its answer, in ms: what was written has been sent, in time or not. */
const TIME_TO_ANSWER = 3_000;

/** What {@link createCarryOut} needs. */
export interface CarryOutOptions extends FatesOptions {
  readonly sendSms: SendSms;
}

/**
 * Makes the use case of the queue: one message of the queue, one SMS, or a word on why there is none.
 *
 * - accepted, duplicate: done.
 * - unknown: recorded and done; it may have been sent.
 * - not sent for a passing reason (no gate, money, key, a rate, configuration): goes back, for a while that grows, until it expires.
 * - what can never succeed (no command, expired, no mobile number, rejected): to the dead-letter queue with its reason, and recorded.
 *
 * @returns a function that takes a message and the end of the function's own time (ms of the Unix epoch); it resolves when the queue may
 *   forget the message
 * @throws GoesBack if the message is to come again; any other error comes again as well, after the queue's own time
 */
export function createCarryOut({ sendSms, ...options }: CarryOutOptions) {
  const { log } = options;
  const fates = new Fates(options);

  async function carryOut(message: QueuedMessage, end: number): Promise<void> {
    const { command, wrappedAt, problems } = unwrapCommand(message.body);
    if (!command) {
      const fields = problems.map(({ path, code }) => `${path || '(body)'} ${code}`).join(', ');
      return fates.putAside(message, 'invalid_command', undefined, { Fields: fields.slice(0, 1_000) });
    }
    const expiresAt = expiryOf(command, firstSentAtOf(message), wrappedAt);
    const now = Date.now();
    const isExpired = now >= expiresAt;
    const mayBeRepeat = Number(message.attributes.ApproximateReceiveCount) > 1 || isPutBack(message);
    if (end - now < MIN_TIME) {
      // Also past its end: nobody has been asked whether it was sent.
      return fates.goBack(message, command, { reason: 'no_time' }, Math.max(expiresAt, now + TIME_TO_ASK));
    }
    // One that has expired is not sent any more. But it may have been: the guard knows, and nothing else is asked by then.
    const latest = isExpired ? now : Math.max(expiresAt, now + TIME_TO_ANSWER);
    const outcome = await send(command, Math.min(now + PATIENCE, end, latest));
    // Who cannot ask whether it was sent waits, also past its end, rather than call it failed.
    const cannotAsk =
      'passing' in outcome || (outcome.status === 'refused' && outcome.reason === 'guard_unavailable');
    const until =
      cannotAsk && (isExpired || mayBeRepeat) ? Math.max(expiresAt, now + TIME_TO_ASK) : expiresAt;
    if ('passing' in outcome) {
      return fates.goBack(message, command, outcome.passing, until);
    }
    switch (outcome.status) {
      case 'accepted':
      case 'unknown':
        // It is known to the guard: when it comes again, its record is written and nothing is sent.
        return outcome.recorded === false
          ? fates.goBack(message, command, { reason: 'not_recorded' }, now + TIME_TO_ASK)
          : undefined;
      case 'duplicate':
        return repeated(message, command, outcome.of);
      case 'refused':
      case 'failed':
        return isExpired && outcome.reason === 'unavailable'
          ? fates.giveUp(message, 'expired', command) // nobody was asked
          : notSent(message, command, outcome, until);
    }
  }

  /** A message that was sent before, or may have been. */
  async function repeated(message: QueuedMessage, command: Command, first: Duplicate['of']): Promise<void> {
    const isPending = first.status === 'unknown' && first.pending;
    if (isPending || first.recorded === false) {
      const reason = isPending ? 'in_flight' : 'not_recorded';
      return fates.goBack(message, command, { reason }, Date.now() + TIME_TO_ASK);
    }
  }

  async function notSent(message: QueuedMessage, command: Command, outcome: NotSent, expiresAt: number) {
    if (mayPass(outcome) || outcome.reason === 'rate_exceeded') {
      return fates.goBack(message, command, outcome, expiresAt);
    }
    await (outcome.status === 'refused'
      ? fates.giveUp(message, outcome.reason, command)
      : fates.putAside(message, outcome.reason, command)); // a failure at SMS Aero has its record
  }

  async function send(command: Command, deadline: number): Promise<Outcome | { passing: Passing }> {
    const { source, id, data } = command;
    const { expiresAt: _, ...asked } = data;
    try {
      return await sendSms({
        platform: 'queue',
        recipient: data.to,
        usageType: data.type ?? GENERIC,
        locale: data.locale,
        variables: data.payload,
        clientAddress: data.ip,
        // A command that is given again with a longer life is still the same.
        idempotency: {
          key: JSON.stringify([source, id]),
          remember: REMEMBER,
          fingerprint: fingerprintOf(asked),
        },
        command: { source, id },
        retried: true,
        guardRequired: true,
        deadline,
      });
    } catch (error) {
      log.error('command not carried out', error, nameOf(command));
      return { passing: { reason: error instanceof ConfigurationError ? error.code : 'internal_error' } };
    }
  }

  return async (message: QueuedMessage, end: number): Promise<void> => {
    try {
      await carryOut(message, end);
    } catch (error) {
      if (!(error instanceof GoesBack)) {
        log.error('message not handled', error, { queueMessageId: message.messageId });
      }
      throw error;
    }
  };
}
