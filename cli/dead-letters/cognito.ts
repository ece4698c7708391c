import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { IDEMPOTENCY_TTL_S } from '../../lib/cognito/send-code.ts';
import { readSenderEvent, senderEventSchema } from '../../lib/cognito/sender-event.ts';
import { asObject, parseObject } from '../../lib/json.ts';
import { CLIENT_TIMEOUTS } from '../aws/client.ts';
import type { TakenMessage } from '../aws/queue.ts';
import { maskWritten } from '../format.ts';
import type { DeadLetter, DeadLetterQueue } from './dead-letter.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * How long Cognito accepts a code, in ms, by the end of the trigger (Cognito Developer Guide: sign-in codes for the 3 minutes of a
 * session, password codes for an hour, temporary passwords for 7 days if the pool does not say otherwise, others for 24 hours).
 */
const LIFETIMES_MS: ReadonlyMap<string, number> = new Map([
  ['Authentication', 3 * MINUTE_MS],
  ['ForgotPassword', HOUR_MS],
  ['AdminCreateUser', 7 * 24 * HOUR_MS],
]);
const OTHER_LIFETIME_MS = 24 * HOUR_MS;

/**
 * Up to what age an event whose code was sent is recognised, in ms: the hour of the guard (lib/cognito/send-code.ts), less a quarter for
 * the 10 minutes in which Lambda tried it before.
 */
const RECOGNISED_MS = IDEMPOTENCY_TTL_S * 1000 - 15 * MINUTE_MS;

/** Errors by which the function says that it sent nothing; up to 0.1.0 the first was the second. Dead letters are kept for 14 days. */
const NOT_SENT = ['RetryableError', 'WorthAnotherTry', 'CodeDecryptionError'];

/** The failed events of `cognito-sms-sender`, as Lambda's destination describes each. The function is invoked with the event again. */
export function cognitoDeadLetters(stage: string): DeadLetterQueue {
  const client = new LambdaClient(CLIENT_TIMEOUTS);
  const target = `smsaero-${stage}-cognito-sms-sender`;
  return {
    name: `smsaero-${stage}-cognito-failures`,
    target,
    reasons: NOT_SENT,
    recognisedFor: 'an hour',
    read: readFailure,
    async resend({ body }) {
      await client.send(new InvokeCommand({ FunctionName: target, InvocationType: 'Event', Payload: body }));
    },
  };
}

function readFailure(message: TakenMessage, now: number): DeadLetter {
  const record = parseObject(message.body);
  const error = asObject(record?.['responsePayload'])?.['errorType'];
  const reason = typeof error === 'string' ? error : 'unknown';
  const { data: event } = senderEventSchema.safeParse(record?.['requestPayload']);
  if (!event) {
    const obstacle = 'not an event of Cognito';
    return { message, reason, recipient: '-', name: '-', obstacle, body: message.body };
  }
  const trigger = event.triggerSource.replace(/^CustomSMSSender_/, '');
  const age = now - message.sentAt;
  const isSafe = age < RECOGNISED_MS || NOT_SENT.includes(reason);
  return {
    message,
    reason,
    recipient: maskWritten(readSenderEvent(event).recipient),
    name: trigger,
    obstacle:
      age >= (LIFETIMES_MS.get(trigger) ?? OTHER_LIFETIME_MS)
        ? 'has expired'
        : isSafe
          ? undefined
          : 'may have been sent, too long ago to be recognised',
    body: JSON.stringify(record?.['requestPayload']),
  };
}
