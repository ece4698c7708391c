/**
 * Cognito's custom SMS sender: decrypts a code and sends it.
 *
 * Cognito invokes it asynchronously and does not look at its answer. So:
 *
 * - accepted, duplicate: done.
 * - refused (no mobile number, country, a limit that lasts, text too long), rejected by SMS Aero for this message: logged and counted; another
 *   try would end the same way.
 * - unknown: logged and counted, and not tried again; it may have been sent.
 * - not sent for a passing reason (a limit that lets it through within two minutes, no gate, money, key, sender name, configuration, KMS): throws. Lambda tries twice more, after one
 *   and two minutes, then keeps the event in the failure queue, which raises an alarm.
 *
 * An event that comes again is never sent twice: its ciphertext is the key of the guard.
 */
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { asyncDoor } from '../lib/async-door.ts';
import { createCodeDecryption } from '../lib/cognito/code-decryption.ts';
import { createSendCode } from '../lib/cognito/send-code.ts';
import { senderEventSchema } from '../lib/cognito/sender-event.ts';
import { cognitoKeyArn } from '../lib/door-environment.ts';
import { startService } from '../lib/service.ts';

/** Nobody waits for the answer, so SMS Aero may take its time: a late answer is better than an unknown outcome. In ms. */
const PATIENCE = 8_000;

const decrypt = createCodeDecryption(cognitoKeyArn(process.env));
const { sendSms, log } = await startService(process.env);
const sendCode = createSendCode({ decrypt, sendSms, log });

export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(asyncDoor(log))
  .handler(async (event: unknown, context: Context): Promise<void> => {
    const remaining = context.getRemainingTimeInMillis() - 1_000; // for the outcome to be written down and logged
    await sendCode(senderEventSchema.parse(event), Date.now() + Math.min(PATIENCE, remaining));
  });
