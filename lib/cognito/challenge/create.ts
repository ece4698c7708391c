import type { Configuration } from '../../config/configuration.ts';
import type { Idempotency } from '../../guard/guard.ts';
import type { SealedMemory } from '../../guard/sealed-memory.ts';
import type { Log } from '../../observability/logger.ts';
import type { Outcome } from '../../outcome.ts';
import type { SendSms } from '../../send-sms.ts';
import { WorthAnotherTry } from '../send-code.ts';
import { type Code, codeFromText, codeToText, newCode } from './code.ts';
import { type Decoy, shownPhone } from './decoy.ts';
import type { CreateEvent } from './events.ts';

/** How long the same question gets the same code, in ms. Cognito calls again after 5 s, up to three times in all; and somebody who
 * starts anew before the next message may be sent (30 s) can use the code that is on its way. */
const SAME_CODE = 30_000;

/** How long the message of a code is recognised, in s. */
const REMEMBER = 60;

/** What Cognito is given: what the client sees, what `Verify` sees, what the next `Create` sees. */
export interface CreateResponse {
  readonly publicChallengeParameters: { readonly phone: string };
  readonly privateChallengeParameters: { readonly code: string };
  readonly challengeMetadata: string;
}

/** What {@link createChallenge} needs. */
export interface CreateOptions {
  readonly configuration: { get(): Promise<Configuration> };
  readonly sendSms: SendSms;
  /** Where a code is found again by a repeat; without it a repeat sends another one. */
  readonly memory: SealedMemory | undefined;
  readonly decoy: Decoy;
  readonly log: Log;
}

/**
 * Makes a challenge: a code, sent by SMS.
 *
 * After a wrong answer the code stays the same and nothing is sent. A repeat of the same question, also in another process, gets the
 * same code and sends nothing. A user who is unknown, or has no verified mobile number that we send to, gets the same answer and no message.
 *
 * @param deadline when the answer must be given, in ms of the Unix epoch
 * @throws WorthAnotherTry if the code was not sent
 */
export async function createChallenge(
  options: CreateOptions,
  event: CreateEvent,
  deadline: number,
): Promise<CreateResponse> {
  const { apiKey } = await options.configuration.get();
  const user = event.userName ?? '';
  const phone = verifiedPhone(event);
  const asked = event.request.session?.at(-1)?.challengeMetadata;
  const pending = codeFromText(asked);
  const stillGood = pending && pending.expiresAt > Date.now() ? pending : undefined;
  const code = stillGood ?? (await codeFor(options, apiKey, event, asked ?? ''));
  if (!stillGood) {
    const message = {
      idempotency: { key: JSON.stringify([event.userPoolId, user, codeToText(code)]), remember: REMEMBER },
      deadline,
    };
    const sent = phone !== undefined && (await send(options, event, { recipient: phone, ...message }, code));
    const played =
      sent || (await options.decoy.play({ ...message, user: `${event.userPoolId}/${user}`, apiKey }));
    if (!played) {
      throw new WorthAnotherTry('The message was not sent: rate_exceeded');
    }
  }
  return {
    publicChallengeParameters: { phone: shownPhone(phone, user, apiKey) },
    privateChallengeParameters: { code: codeToText(code) },
    challengeMetadata: codeToText(code),
  };
}

function verifiedPhone({ request }: CreateEvent): string | undefined {
  const { phone_number: phone, phone_number_verified: verified } = request.userAttributes ?? {};
  const usable = request.userNotFound !== true && (verified === 'true' || verified === true);
  return usable && typeof phone === 'string' && phone !== '' ? phone : undefined;
}

/** A new code, or the one that the same question got a moment ago. */
async function codeFor(
  { memory, log }: CreateOptions,
  apiKey: string,
  event: CreateEvent,
  asked: string,
): Promise<Code> {
  const code = newCode(Date.now());
  const question = [
    event.userPoolId,
    event.userName ?? '',
    String(event.request.session?.length ?? 0),
    asked,
  ];
  try {
    const shared = await memory?.share(apiKey, question, codeToText(code), SAME_CODE);
    return codeFromText(shared) ?? code;
  } catch (error) {
    log.error('guard skipped', error, { part: 'challenge' });
    return code;
  }
}

/** Refusals that would be the same tomorrow: to the caller they look like an unknown user. */
const NEVER: ReadonlySet<string> = new Set(['invalid_recipient', 'country_not_allowed', 'blacklisted']);

/** @returns false if nobody is ever sent a code at this number */
async function send(
  { sendSms, decoy }: CreateOptions,
  event: CreateEvent,
  message: { recipient: string; idempotency: Idempotency; deadline: number },
  code: Code,
): Promise<boolean> {
  const startedAt = performance.now();
  const { clientMetadata, userAttributes } = event.request;
  const locale = clientMetadata?.['locale'] ?? userAttributes?.['locale'];
  const outcome: Outcome = await sendSms({
    platform: 'cognito',
    ...message,
    usageType: 'SignIn',
    locale: typeof locale === 'string' ? locale : undefined,
    variables: { code: code.digits, username: event.userName ?? '', user: userAttributes ?? {} },
  });
  if (outcome.status === 'failed' || outcome.status === 'refused') {
    if (NEVER.has(outcome.reason)) {
      return false;
    }
    throw new WorthAnotherTry(`The message was not sent: ${outcome.reason}`);
  }
  if (outcome.status === 'accepted') {
    decoy.took(performance.now() - startedAt);
  } else {
    await decoy.wait(startedAt, message.deadline);
  }
  return true;
}
