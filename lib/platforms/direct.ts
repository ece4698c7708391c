import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { HttpError } from '../http/errors.ts';
import { type Answer, errorReply, jsonReply } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { fingerprintOf, messageOf, type SmsCommand, smsCommandSchema } from '../message/sms-command.ts';
import type { SmsRequest } from '../message/sms-request.ts';
import { CHANNELS } from '../smsaero/message-status.ts';
import { authorizationSecret, hasAuthorization } from './authentication.ts';
import { commandFor, type Platform, sameFor } from './platform.ts';

/** How long a repeat is recognised by its `Idempotency-Key`, in s: a day. */
const KEY_TTL_S = 86_400;

/** How long without one, in s: number, type and code name a message for as long as a caller may repeat it at once. */
const MESSAGE_TTL_S = 60;

/** Visible ASCII; the IETF's draft (draft-ietf-httpapi-idempotency-key-header) sets no length. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * One's backend: `POST /sms/direct`.
 *
 * An `Idempotency-Key` header names the request: a repeat within a day hears what the first one heard, and the same key with another body
 * is refused.
 */
export const direct: Platform = {
  name: 'direct',

  authenticate: hasAuthorization,

  parse(event) {
    const command = parseJsonBody(event, smsCommandSchema);
    return { ...messageOf(command), idempotency: idempotencyOf(event, command) };
  },

  // With the id of the delivery, also where it is not known whether it was sent: a report may tell later.
  reply: (answer, requestId) =>
    answer.status === 'accepted'
      ? jsonReply(200, requestId, acceptedBody(answer))
      : errorReply(answer.code, requestId, answer),

  contract: () => ({
    title: 'Your backend',
    summary: 'Send a code for your backend',
    description:
      'The same fields as `data` of the command `sms.send.v1` (docs/events/). A repeat is answered as the first and sends nothing: the same `Idempotency-Key` within a day, or, without that header, the same number, type and code within a minute.',
    body: smsCommandSchema,
    request: commandFor,
    examples: {
      shortest: { to: '79031234567', payload: { code: '482913' } },
    },
    headers: {
      'Idempotency-Key': z
        .string()
        .check(
          z.regex(KEY),
          z.describe('Names the request for a day: visible ASCII. The same key with another body is a 422.'),
        ),
    },
    accepted: acceptedSchema(),
    errors: ['idempotency_conflict'],
    secret: authorizationSecret('in each POST /sms/direct'),
  }),
};

function acceptedBody({
  message,
  isDuplicate,
}: Extract<Answer, { status: 'accepted' }>): z.input<ReturnType<typeof acceptedSchema>> {
  const { deliveryId, messageId, channel, segments, cost } = message;
  return { status: 'accepted', id: deliveryId, messageId, channel, segments, cost, duplicate: isDuplicate };
}

function idempotencyOf({ headers }: APIGatewayProxyEventV2, command: SmsCommand): SmsRequest['idempotency'] {
  const key = headers['idempotency-key']?.trim();
  if (key === undefined) {
    const { type, payload } = command;
    return sameFor(MESSAGE_TTL_S, 'message', type, payload.code);
  }
  if (!KEY.test(key)) {
    throw new HttpError('invalid_request', [{ path: 'Idempotency-Key', code: 'invalid_format' }]);
  }
  return {
    key: JSON.stringify(['key', key]),
    ttlS: KEY_TTL_S,
    fingerprint: fingerprintOf(command),
  };
}

/** The body of a 200. A function: only `contract` calls it, so it costs no time at start. */
const acceptedSchema = () =>
  z.object({
    status: z.literal('accepted').check(z.describe('SMS Aero took the message.')),
    id: z.string().check(z.describe('Id of the delivery, for GET /messages/{id}.')),
    messageId: z.string().check(z.describe("SMS Aero's id of the message: decimal digits.")),
    channel: z
      .enum(CHANNELS)
      .check(
        z.describe('How it was sent: sms, or telegram with an SMS behind it, see `"channel"` of a template.'),
      ),
    segments: z
      .int()
      .check(z.describe('Segments of the SMS, which are billed; by Telegram only if the SMS is sent.')),
    cost: z.optional(z.number().check(z.describe('Roubles; absent if SMS Aero did not say.'))),
    duplicate: z.boolean().check(z.describe('Whether this is a repeat, for which nothing was sent.')),
  });
