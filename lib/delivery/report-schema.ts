import * as z from 'zod/mini';
import { MESSAGE_ID } from '../smsaero/message-status.ts';

const number = (digits: RegExp) => z.union([z.int(), z.string().check(z.regex(digits))]);

/**
 * A report of SMS Aero's, as far as it is read (SMS Aero API v2, callbackUrl). docs/openapi.json is generated from it; ./receive-report.ts, which
 * also takes forms and queries, reads it, and a test compares the two.
 */
export const reportSchema = z.object({
  id: number(MESSAGE_ID).check(z.describe("SMS Aero's id of the message.")),
  status: number(/^\d+$/).check(
    z.describe(
      'Status: 0 in the queue, 1 delivered, 2 not delivered, 3 with the operator, 4 waiting for it, 6 rejected, 8 in moderation.',
    ),
  ),
});
