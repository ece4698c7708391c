import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { REMEMBER } from '../../lib/cognito/send-code.ts';
import { readSenderEvent, senderEventSchema } from '../../lib/cognito/sender-event.ts';
import { maskPhone } from '../../lib/observability/redact.ts';
import { asObject, parseObject } from '../../lib/smsaero/fields.ts';
import { PATIENT } from '../aws/client.ts';
import type { TakenMessage } from '../aws/queue.ts';
import type { DeadLetter, DeadLetterOffice, Decisions } from './dead-letter.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * How long Cognito itself takes a code, in ms, by the end of the trigger (Cognito Developer Guide: sign-in codes for the 3 minutes of a
 * session, password codes for an hour, temporary passwords for 7 days unless the pool says otherwise, others for 24 hours).
 */
const LIFETIMES: Readonly<Record<string, number>> = {
  Authentication: 3 * MINUTE,
  ForgotPassword: HOUR,
  AdminCreateUser: 7 * 24 * HOUR,
};
const OTHER_LIFETIME = 24 * HOUR;

/**
 * Up to what age an event whose code was sent is recognised, in ms: the hour that the guard knows it (REMEMBER in lib/cognito/send-code.ts),
 * less a quarter for the 10 minutes of Lambda's own tries before it came here.
 */
const RECOGNISED = REMEMBER * 1000 - 15 * MINUTE;

/** Errors by which the function itself says that it sent nothing. */
const NOT_SENT = ['WorthAnotherTry', 'CodeDecryptionError'];

/** The failed events of `cognito-sms-sender`, as Lambda's destination describes each; the function is invoked with the event again. */
export function cognitoOffice(stage: string, { again }: Decisions): DeadLetterOffice {
  const client = new LambdaClient(PATIENT);
  const name = `smsaero-${stage}-cognito-sms-sender`;
  return {
    from: `smsaero-${stage}-cognito-failures`,
    to: name,
    read: (message, now) => readFailure(message, again, now),
    async putBack({ body }) {
      await client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: body }));
    },
  };
}

function readFailure(message: TakenMessage, again: boolean, now: number): DeadLetter {
  const record = parseObject(message.body);
  const error = asObject(record?.['responsePayload'])?.['errorType'];
  const reason = typeof error === 'string' ? error : 'unknown';
  const { data: event } = senderEventSchema.safeParse(record?.['requestPayload']);
  if (!event) {
    const obstacle = "is no event of Cognito's";
    return { message, reason, recipient: '-', name: '-', body: message.body, obstacle, hopeless: true };
  }
  const trigger = event.triggerSource.replace(/^CustomSMSSender_/, '');
  const life = Object.hasOwn(LIFETIMES, trigger) ? (LIFETIMES[trigger] ?? OTHER_LIFETIME) : OTHER_LIFETIME;
  const expired = now >= message.sentAt + life;
  const recognised = now < message.sentAt + RECOGNISED || NOT_SENT.includes(reason);
  const unclear = 'may have been sent, too long ago to be recognised; --again sends it all the same';
  return {
    message,
    reason,
    recipient: maskPhone(readSenderEvent(event).recipient),
    name: trigger,
    body: JSON.stringify(record?.['requestPayload']),
    obstacle: expired
      ? 'holds a code that Cognito takes no longer'
      : again || recognised
        ? undefined
        : unclear,
    hopeless: expired,
  };
}
