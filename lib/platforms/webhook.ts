import { defaultReply } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { fingerprintOf, messageOf, smsCommandSchema } from '../message/sms-command.ts';
import { commandFor, type Platform } from './platform.ts';
import { isSignedWebhook, webhookSecret } from './standard-webhooks.ts';

/**
 * How long a message is known by its `webhook-id`, in s: four days. The specification's example of attempts ends after 75 h 35 min, Svix's
 * after 27 h 35 min, and what may have been sent is a 504, after which they go on to the last one.
 */
const IDEMPOTENCY_TTL_S = 345_600;

/** Anything that signs its requests by Standard Webhooks (https://www.standardwebhooks.com). */
export const webhook: Platform = {
  name: 'webhook',

  authenticate: isSignedWebhook,

  parse(event) {
    const command = parseJsonBody(event, smsCommandSchema);
    return {
      ...messageOf(command),
      // The same in each attempt, as the specification says; the signature vouches for it.
      idempotency: {
        key: JSON.stringify(['id', event.headers['webhook-id']]),
        ttlS: IDEMPOTENCY_TTL_S,
        fingerprint: fingerprintOf(command),
      },
    };
  },

  reply: defaultReply,

  contract: () => ({
    title: 'A signed webhook',
    summary: 'Send a code for whoever signs by Standard Webhooks',
    description:
      'For senders that have no page here. The signature is made over `webhook-id`, `webhook-timestamp` and the raw body; the time may differ by 300 s. `webhook-id` names the message for four days: each attempt is answered as the first, and one SMS is sent.',
    body: smsCommandSchema,
    request: commandFor,
    errors: ['idempotency_conflict'],
    secret: webhookSecret('the signing secret of the sender'),
  }),
};
