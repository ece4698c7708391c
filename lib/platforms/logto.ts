import * as z from 'zod/mini';
import { defaultReply } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { GENERIC } from '../templates/template.ts';
import { authorizationSecret, hasAuthorization } from './authentication.ts';
import { clientAddress, code, hint, lazily, phoneNumber } from './fields.ts';
import { type Platform, sameFor } from './platform.ts';

/** How long a repeat is recognised, in s. Logto itself repeats nothing; a proxy or a double click may, within seconds. */
const IDEMPOTENCY_TTL_S = 60;

/** The code of the console's test message: always the same, so the second test is not a repeat of the first. */
const TEST_CODE = '000000';

/** What @logto/connector-http-sms 0.2 posts: `SendMessageData` of @logto/connector-kit. Further fields are allowed everywhere. */
const body = lazily(() =>
  z.object({
    to: phoneNumber('Phone number of the recipient.'),
    type: hint('Usage type: which template to send.'),
    payload: z
      .looseObject({
        code: code('The code.'),
        locale: hint('Language of the page.'),
        uiLocales: hint("The person's languages, with spaces between."),
      })
      .check(z.describe('Values of the placeholders.')),
    ip: clientAddress(),
  }),
);

/**
 * Logto's HTTP SMS connector (https://docs.logto.io/integrations/http-sms).
 *
 * It sends its `authorization` setting verbatim as the `Authorization` header, takes any 2xx for success, never repeats a
 * request, and shows the body of any other answer to the person who is signing in.
 */
export const logto: Platform = {
  name: 'logto',

  authenticate: hasAuthorization,

  parse(event) {
    const { to, type, payload, ip } = parseJsonBody(event, body());
    return {
      recipient: to,
      usageType: type ?? GENERIC,
      // The language that the sign-in page is in, then the raw OIDC parameter
      locale: [payload.locale ?? [], payload.uiLocales ?? []].flat(),
      variables: payload,
      clientAddress: ip,
      // Each send makes a new code, so number, type and code name it.
      idempotency: payload.code === TEST_CODE ? undefined : sameFor(IDEMPOTENCY_TTL_S, type, payload.code),
    };
  },

  reply: defaultReply,

  contract: () => ({
    title: 'Logto',
    summary: 'Send a code for Logto',
    description:
      "The endpoint of Logto's HTTP SMS connector. A field of another type or length than here counts as absent, except `to` and `payload.code`, and an `ip` of another type as one that cannot be read. The same number, type and code within a minute is a repeat: it is answered as the first and sends nothing. The console's test, whose code is `000000`, is never a repeat.",
    body: body(),
    request: ({ to, code, type, locale }) => ({
      to,
      type,
      payload: { code, locale },
      ip: '203.0.113.24',
    }),
    examples: {
      test: { to: '79031234567', type: 'Generic', payload: { code: TEST_CODE } },
    },
    secret: authorizationSecret('Console > Connectors > SMS > HTTP SMS > Authorization Header'),
  }),
};
