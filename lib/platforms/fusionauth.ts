import * as z from 'zod/mini';
import { HttpError } from '../http/errors.ts';
import { unknownAsSent } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { GENERIC } from '../templates/template.ts';
import { authorizationSecret, hasAuthorization } from './authentication.ts';
import { hint, lazily, optionalCode, phoneNumber, renderedText } from './fields.ts';
import { type Platform, sameFor } from './platform.ts';

/** How long a repeat is recognised, in s. FusionAuth documents no retries; a proxy may repeat a request within seconds. */
const IDEMPOTENCY_TTL_S = 60;

/** https://fusionauth.io/docs/customize/email-and-messages/generic-messenger. Versions before 1.67 send no `code`. */
const body = lazily(() =>
  z.object({
    phoneNumber: phoneNumber('Phone number of the recipient.'),
    code: optionalCode('The code.'),
    textMessage: renderedText("The text as FusionAuth's message template makes it."),
    type: hint('`SMS`, or `Voice`, which is refused.'),
  }),
);

/**
 * FusionAuth's generic messenger.
 *
 * Any 2xx ends the matter. What FusionAuth does after anything else is not documented, so what may have been sent is told as sent.
 */
export const fusionauth: Platform = {
  name: 'fusionauth',

  authenticate: hasAuthorization,

  parse(event) {
    const { phoneNumber: recipient, code: value, textMessage, type } = parseJsonBody(event, body());
    if (type?.toUpperCase() === 'VOICE') {
      throw new HttpError('call_not_supported');
    }
    return {
      recipient,
      usageType: GENERIC,
      variables: { code: value },
      text: textMessage,
      idempotency: sameFor(IDEMPOTENCY_TTL_S, value ?? textMessage),
    };
  },

  reply: unknownAsSent,

  contract: () => ({
    title: 'FusionAuth',
    summary: 'Send a code for FusionAuth',
    description:
      "The endpoint of FusionAuth's generic messenger. A message without `code` is sent with `textMessage`, and calls (`Voice`) are refused. The same number and code within a minute is a repeat: it is answered as the first and sends nothing. FusionAuth does not document what it does after an error, so what may have been sent is a 204.",
    body: body(),
    request: ({ to, code }) => ({
      code,
      phoneNumber: `+${to}`,
      textMessage: `Two Factor Code: ${code}`,
      type: 'SMS',
      userId: '5b6d0a5e-3b0e-4b7f-9d8c-0f1e2d3c4b5a',
    }),
    examples: {
      textOnly: {
        phoneNumber: '79031234567',
        textMessage: 'Two Factor Code: 482913',
        type: 'SMS',
      },
    },
    errors: ['call_not_supported'],
    secret: authorizationSecret('Settings > Messengers > Headers, with the name Authorization'),
  }),
};
