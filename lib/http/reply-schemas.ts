import * as z from 'zod/mini';
import { ERRORS, type ErrorCode, FIELD_CODES } from './errors.ts';

// The replies of the HTTP functions as schemas. docs/openapi.json is generated from them; no function loads them.

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

const text = (meaning: string) => z.string().check(z.describe(meaning));

const field = z.object({
  path: text('Name of the field, with dots, or of the header; empty for the whole body.'),
  code: text(`What is wrong with it: a code of zod, or one of ${FIELD_CODES.join(', ')}.`),
});

/** The body of every error. */
export const errorSchema = z.object({
  status: z.literal('error').check(z.describe('Tells an error from a success.')),
  code: z.enum(codes).check(z.describe('What went wrong.')),
  message: text('One neutral sentence, which may be shown to the person who is signing in.'),
  requestId: text('The same as in the X-Request-Id header: the log lines of the request carry it.'),
  fields: z.optional(
    z.readonly(z.array(field)).check(z.describe('The fields that are wrong, for invalid_request.')),
  ),
  id: z.optional(text('Id of the delivery, for outcome_unknown of POST /sms/direct.')),
});

/** The body of a success, for every platform that defines no other. */
export const acceptedSchema = z.object({
  status: z
    .literal('accepted')
    .check(z.describe('SMS Aero took the message, now or when it was asked first.')),
  messageId: text("SMS Aero's id of the message: decimal digits."),
});
