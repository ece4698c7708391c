import * as z from 'zod/mini';
import { ERRORS, type ErrorCode } from './errors.ts';

// The replies of the HTTP functions as schemas. docs/openapi.json is generated from them; no function loads them.

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** The body of every error. */
export const errorSchema = z.object({
  status: z.literal('error').check(z.describe('Tells an error from a success.')),
  code: z.enum(codes).check(z.describe('What went wrong.')),
  message: z
    .string()
    .check(z.describe('One neutral sentence, which may be shown to the person who is signing in.')),
  requestId: z
    .string()
    .check(z.describe('The same as in the X-Request-Id header: the log lines of the request carry it.')),
  fields: z.optional(
    z
      .readonly(
        z.array(
          z.object({
            path: z
              .string()
              .check(z.describe('Name of the field, with dots, or of the header; empty for the whole body.')),
            code: z
              .string()
              .check(z.describe('What is wrong with it: a code of zod, invalid_json, or missing_code.')),
          }),
        ),
      )
      .check(z.describe('The fields that are wrong, for invalid_request.')),
  ),
  id: z.optional(
    z.string().check(z.describe('Id of the delivery, for outcome_unknown of POST /sms/direct.')),
  ),
});

/** The body of a success, for every platform that defines no other. */
export const acceptedSchema = z.object({
  status: z
    .literal('accepted')
    .check(z.describe('SMS Aero took the message, now or when it was asked first.')),
  messageId: z.string().check(z.describe("SMS Aero's id of the message: decimal digits.")),
});
