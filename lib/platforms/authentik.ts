import * as z from 'zod/mini';
import { ERRORS } from '../http/errors.ts';
import { defaultReply, emptyReply, jsonReply } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { GENERIC } from '../templates/template.ts';
import { authorizationSecret, hasAuthorization } from './authentication.ts';
import { clientAddress, code, hint, lazily, phoneNumber, renderedText } from './fields.ts';
import { type Platform, sameFor } from './platform.ts';

/**
 * How long a repeat is recognised, in s. authentik repeats nothing by itself, but while a person sets up a phone, the code stays the same:
 * whoever asks again after a minute gets it once more.
 */
const IDEMPOTENCY_TTL_S = 60;

/**
 * `send_generic` in authentik/stages/authenticator_sms/models.py. It sends the first three; the others come from the mapping that
 * docs/platforms/authentik.md has.
 */
const body = lazily(() =>
  z.object({
    To: phoneNumber('Phone number of the recipient.'),
    Body: code('The code.'),
    Message: renderedText("authentik's text, with the code."),
    Type: hint('Usage type: which template to send.'),
    Locale: hint("The person's language."),
    Ip: clientAddress(),
  }),
);

/**
 * The generic provider of authentik's SMS authenticator stage.
 *
 * Below 400 is a success. The whole body of any other answer is shown to the person as it is, so it is one sentence. A person who is
 * setting up a phone asks again with the same code, and would be told each time that it may have been sent: that is told as sent.
 */
export const authentik: Platform = {
  name: 'authentik',

  authenticate: hasAuthorization,

  parse(event) {
    const { To, Body, Message, Type, Locale, Ip } = parseJsonBody(event, body());
    return {
      recipient: To,
      usageType: Type ?? GENERIC,
      locale: Locale,
      variables: { code: Body },
      text: Message,
      clientAddress: Ip,
      idempotency: sameFor(IDEMPOTENCY_TTL_S, Body),
    };
  },

  reply(answer, requestId) {
    if (answer.status === 'accepted') {
      return defaultReply(answer, requestId);
    }
    if (answer.code === 'outcome_unknown') {
      return emptyReply(204, requestId);
    }
    const { statusCode, headers } = defaultReply(answer, requestId);
    return jsonReply(statusCode, requestId, ERRORS[answer.code].message, headers);
  },

  contract: () => ({
    title: 'authentik',
    summary: 'Send a code for authentik',
    description:
      "The generic provider of authentik's SMS authenticator stage. Without a webhook mapping it sends `To`, `Body` (the code) and `Message`. The same number and code within a minute is a repeat: it is answered as the first and sends nothing. authentik shows the body of an error to the person, so it is one sentence, as a JSON string. What may have been sent is a 204.",
    body: body(),
    request: ({ to, code, type, locale }) => ({
      To: `+${to}`,
      Body: code,
      Message: `Use this code to authenticate in authentik: ${code}`,
      Type: type,
      Locale: locale,
      Ip: '203.0.113.24',
    }),
    examples: {
      withoutMapping: {
        From: 'SMSAero',
        To: '+79031234567',
        Body: '482913',
        Message: 'Use this code to authenticate in authentik: 482913',
      },
    },
    failure: z.string().check(z.describe('What the person reads.')),
    secret: authorizationSecret(
      'SMS Authenticator Setup Stage > token, where Auth type Bearer adds that word',
    ),
  }),
};
