import { hash } from 'node:crypto';
import { ServiceError } from '../errors.ts';
import { isRepeated, type SendSms } from '../message/send-sms.ts';
import { CODE_CHARACTERS, type SmsRequest } from '../message/sms-request.ts';
import type { Log } from '../observability/logger.ts';
import type { DecryptCode } from './code-decryption.ts';
import { readableCode, readSenderEvent, type SenderEvent } from './sender-event.ts';

/** How long a repeat is recognised, in s: Lambda tries an event again for 10 minutes at the most (infra/cognito). */
export const IDEMPOTENCY_TTL_S = 3_600;

/** The longest code: a temporary password has up to 256 characters (Cognito API, AdminCreateUser), and goes out exactly as it is. */
const MAX_CODE_CHARACTERS = 256;

/**
 * The longest time that a limit may ask for before another try makes sense, in s: Lambda tries again after about one minute, then after
 * two. A sign-up and the second factor right behind it are 30 s apart by the limit for one phone.
 */
const LIMIT_WAIT_S = 120;

/** A message was not sent, and another try may send it: Lambda repeats the event, and keeps it if that does not help. */
export class RetryableError extends ServiceError {
  override readonly name = 'RetryableError';
}

export interface SendCodeOptions {
  readonly decrypt: DecryptCode;
  readonly sendSms: SendSms;
  readonly log: Log;
}

/**
 * Makes the use case of Cognito's custom SMS sender: one event, one message.
 *
 * @returns a function that takes the event and when its outcome must be known (ms of the Unix epoch), resolves when there is
 *   nothing more to do, and rejects with {@link RetryableError} or `CodeDecryptionError` when Lambda should try again
 */
export function createSendCode({ decrypt, sendSms, log }: SendCodeOptions) {
  return async (event: SenderEvent, deadline: number): Promise<void> => {
    const { code: ciphertext } = event.request;
    if (!ciphertext) {
      // Cognito also tells of events that have no code, an account takeover for one.
      log.info('no code to send', { platform: 'cognito', triggerSource: event.triggerSource });
      return;
    }
    const code = readableCode(event, await decrypt(ciphertext, event.userPoolId));
    if (code === '' || code.length > MAX_CODE_CHARACTERS || !CODE_CHARACTERS.test(code)) {
      // A text without its code is worse than none, and a password with a sign left out is another one.
      throw new RetryableError('The code is empty, too long, or has characters that nobody can type');
    }
    const { recipient, usageType, locale, variables } = readSenderEvent(event);
    const request: SmsRequest = {
      platform: 'cognito',
      recipient,
      usageType,
      locale,
      variables: { ...variables, code },
      // Lambda sends the same event again, ciphertext and all; a new code has a new one.
      idempotency: { key: hash('sha256', ciphertext, 'base64'), ttlS: IDEMPOTENCY_TTL_S },
      retried: true,
      guardRequired: true,
      retriedWithin: LIMIT_WAIT_S,
      deadline,
    };
    const outcome = await sendSms(request);
    if (isRepeated(request, outcome)) {
      throw new RetryableError(`The message was not sent: ${outcome.reason}`);
    }
  };
}
