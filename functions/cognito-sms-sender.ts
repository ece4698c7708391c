/**
 * Cognito's custom SMS sender: decrypts a code and sends it.
 *
 * Cognito invokes it asynchronously and does not look at its answer. So:
 *
 * - accepted, duplicate: done.
 * - refused (no mobile number, country, a limit that lasts, text too long), rejected by SMS Aero for this message: logged and counted; another
 *   try would end the same way.
 * - unknown: logged and counted, and not tried again; it may have been sent.
 * - not sent for a passing reason (a limit that lets it through within two minutes, no gate, money, key, sender name, configuration, KMS):
 *   throws. Lambda tries twice more, after one and two minutes, then keeps the event in the failure queue, which raises an alarm.
 *
 * An event that comes again is never sent twice: its ciphertext is the key of the guard.
 */
import type { CustomSMSSenderTriggerEvent } from 'aws-lambda';
import { createCodeDecryption } from '../lib/cognito/code-decryption.ts';
import { createSendCode } from '../lib/cognito/send-code.ts';
import { senderEventSchema } from '../lib/cognito/sender-event.ts';
import { asyncHandler } from '../lib/handler.ts';
import { startService } from '../lib/services/sending.ts';

const { environment, sendSms, log } = await startService(process.env, [
  'SMSAERO_TABLE',
  'SMSAERO_COGNITO_KEY_ARN',
]);
const decrypt = createCodeDecryption(environment.cognitoKeyArn);
const sendCode = createSendCode({ decrypt, sendSms, log });

export const handler = asyncHandler(
  {
    log,
    shutdownMarginMs: 1_000, // for the outcome to be recorded and logged
    timeoutMs: 8_000, // nobody waits, so SMS Aero may take its time: a late answer is better than an unknown outcome
  },
  (event: CustomSMSSenderTriggerEvent, { deadline }) => sendCode(senderEventSchema.parse(event), deadline),
);
