import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { readSenderEvent, senderEventSchema } from '../../lib/cognito/sender-event.ts';
import { maskPhone } from '../../lib/observability/redact.ts';
import { asObject, parseObject } from '../../lib/smsaero/fields.ts';
import { PATIENT } from '../aws/client.ts';
import type { TakenMessage } from '../aws/queue.ts';
import type { DeadLetter, DeadLetterOffice } from './dead-letter.ts';

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

/** The failed events of `cognito-sms-sender`, as Lambda's destination describes each; the function is invoked with the event again. */
export function cognitoOffice(stage: string): DeadLetterOffice {
  const client = new LambdaClient(PATIENT);
  const name = `smsaero-${stage}-cognito-sms-sender`;
  return {
    from: `smsaero-${stage}-cognito-failures`,
    to: name,
    read: readFailure,
    async putBack({ body }) {
      await client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: body }));
    },
  };
}

function readFailure(message: TakenMessage, now: number): DeadLetter {
  const record = parseObject(message.body);
  const error = asObject(record?.['responsePayload'])?.['errorType'];
  const reason = typeof error === 'string' ? error : 'unknown';
  const { data: event } = senderEventSchema.safeParse(record?.['requestPayload']);
  if (!event) {
    const obstacle = "is no event of Cognito's";
    return { message, reason, recipient: '-', name: '-', body: message.body, obstacle };
  }
  const trigger = event.triggerSource.replace(/^CustomSMSSender_/, '');
  const life = Object.hasOwn(LIFETIMES, trigger) ? (LIFETIMES[trigger] ?? OTHER_LIFETIME) : OTHER_LIFETIME;
  return {
    message,
    reason,
    recipient: maskPhone(readSenderEvent(event).recipient),
    name: trigger,
    body: JSON.stringify(record?.['requestPayload']),
    obstacle: now >= message.sentAt + life ? 'holds a code that Cognito takes no longer' : undefined,
  };
}
