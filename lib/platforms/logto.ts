import * as z from 'zod/mini';
import { parseJsonBody } from '../http/json.ts';
import { outcomeReply } from '../http/reply.ts';
import { GENERIC } from '../templates/template.ts';
import type { Platform } from './platform.ts';
import { isOneOf } from './secrets.ts';

/** How long a repeat is recognised, in s. Logto itself repeats nothing; a proxy or a double click may, within seconds. */
const REMEMBER = 60;

/** The code of the console's test message: always the same, so that the second test is no repeat of the first. */
const TEST_CODE = '000000';

/** A hint that may be absent, null, of another type or absurdly long: not worth losing a sign-in for. */
const hint = z.catch(z.optional(z.string().check(z.maxLength(200))), undefined);

/** What @logto/connector-http-sms 0.2 posts: `SendMessageData` of @logto/connector-kit. Further fields are allowed everywhere. */
const body = z.object({
  to: z.string().check(z.minLength(1), z.maxLength(64)),
  type: hint,
  payload: z.looseObject({
    code: z.string().check(z.minLength(1), z.maxLength(100)),
    locale: hint,
    uiLocales: hint,
  }),
  ip: hint,
});

/**
 * Logto's HTTP SMS connector (https://docs.logto.io/integrations/http-sms).
 *
 * It sends its `authorization` setting verbatim as the `Authorization` header, takes any 2xx for success, never repeats a
 * request, and shows the body of any other answer to the person who is signing in.
 */
export const logto: Platform = {
  name: 'logto',

  authenticate: ({ headers }, secrets) => isOneOf(headers['authorization'] ?? '', secrets),

  parse(request) {
    const { to, type, payload, ip } = parseJsonBody(request, body);
    return {
      recipient: to,
      usageType: type ?? GENERIC,
      // The language that the sign-in page is in; without it the first choice of the raw OIDC parameter, tags with spaces between
      locale: payload.locale ?? payload.uiLocales?.split(' ')[0],
      variables: payload,
      clientAddress: ip,
      // Each send makes a new code, so number, type and code name it.
      idempotency:
        payload.code === TEST_CODE
          ? undefined
          : { key: JSON.stringify([to, type, payload.code]), remember: REMEMBER },
    };
  },

  reply: outcomeReply,
};
