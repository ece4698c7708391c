import type { Configuration } from '../../config/configuration.ts';
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

/** How many questions get the same code: as many as Cognito's calls. Each may lead to three answers, so a code has nine guesses. */
const SAME_CODE_USES = 3;

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
 * same code and sends nothing. A user who is unknown, has no verified mobile number that we send to, or has been sent too many, gets the
 * same answer after the same time, and no message.
 *
 * @param deadline when the answer must be given, in ms of the Unix epoch
 * @throws WorthAnotherTry if messages cannot be sent now, whoever asks
 */
export async function createChallenge(
  options: CreateOptions,
  event: CreateEvent,
  deadline: number,
): Promise<CreateResponse> {
  const startedAt = performance.now();
  const { hashKey } = await options.configuration.get();
  const asked = event.request.session?.at(-1)?.challengeMetadata;
  const pending = codeFromText(asked);
  const stillGood = pending && pending.expiresAt > Date.now() ? pending : undefined;
  const code = stillGood ?? (await codeFor(options, hashKey, event, asked ?? ''));
  if (!stillGood) {
    await deliver(options, event, code, startedAt, deadline);
  }
  const phone = textOf(event.request.userAttributes?.['phone_number']);
  return {
    publicChallengeParameters: { phone: shownPhone(phone, event.userName ?? '', hashKey) },
    privateChallengeParameters: { code: codeToText(code) },
    challengeMetadata: codeToText(code),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A new code, or the one that the same question got a moment ago. */
async function codeFor(
  { memory, log }: CreateOptions,
  hashKey: string,
  event: CreateEvent,
  asked: string,
): Promise<Code> {
  const code = newCode(Date.now());
  const question = [
    event.userPoolId,
    event.userName ?? '',
    textOf(event.request.userAttributes?.['phone_number']) ?? '',
    String(event.request.session?.length ?? 0),
    asked,
  ];
  try {
    const shared = await memory?.share(hashKey, question, codeToText(code), SAME_CODE, SAME_CODE_USES);
    return codeFromText(shared) ?? code;
  } catch (error) {
    log.error('guard skipped', error, { part: 'challenge' });
    return code;
  }
}

/** Reasons that have to do with the person: to tell them would tell that there is such a person. */
const PERSONAL: ReadonlySet<string> = new Set([
  'invalid_recipient',
  'country_not_allowed',
  'blacklisted',
  'rejected',
  'rate_exceeded',
]);

/** Sends the code, or takes the time of it. */
async function deliver(
  { sendSms, decoy }: CreateOptions,
  event: CreateEvent,
  code: Code,
  startedAt: number,
  deadline: number,
): Promise<void> {
  const { clientMetadata, userAttributes, userNotFound } = event.request;
  const { phone_number: phone, phone_number_verified: verified } = userAttributes ?? {};
  const recipient = textOf(phone);
  if (userNotFound === true || recipient === undefined || String(verified) !== 'true') {
    await decoy.wait(startedAt, deadline);
    if (decoy.failing) {
      throw new WorthAnotherTry('Messages are not sent at the moment');
    }
    return;
  }
  const outcome: Outcome = await sendSms({
    platform: 'cognito',
    recipient,
    usageType: 'SignIn',
    locale: textOf(clientMetadata?.['locale']) ?? textOf(userAttributes?.['locale']),
    variables: { code: code.digits, username: event.userName ?? '', user: userAttributes ?? {} },
    idempotency: {
      key: JSON.stringify([event.userPoolId, event.userName, recipient, codeToText(code)]),
      remember: REMEMBER,
    },
    deadline,
  });
  if (outcome.status === 'accepted') {
    decoy.took(performance.now() - startedAt);
    return;
  }
  await decoy.wait(startedAt, deadline);
  if ((outcome.status === 'failed' || outcome.status === 'refused') && !PERSONAL.has(outcome.reason)) {
    decoy.failed();
    throw new WorthAnotherTry(`The message was not sent: ${outcome.reason}`);
  }
}
