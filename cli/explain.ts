import type { FailureReason, UnknownReason } from '../lib/smsaero/send-result.ts';

/** What to do about errors of AWS that everybody meets, by the SDK's name for each; the service's message follows. */
const BY_NAME: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'No AWS credentials: sign in with the AWS CLI, or set AWS_PROFILE',
  TokenProviderError: 'The AWS sign-in has ended: aws sso login',
  ExpiredTokenException: 'The AWS credentials have expired: sign in again',
  ExpiredToken: 'The AWS credentials have expired: sign in again',
  UnrecognizedClientException: 'AWS does not know the credentials: check AWS_PROFILE and the keys',
  InvalidClientTokenId: 'AWS does not know the credentials: check AWS_PROFILE and the keys',
  InvalidSignatureException: 'AWS refuses the signature: check the secret key and the clock of this machine',
  AccessDeniedException: 'AWS does not allow it',
  AccessDenied: 'AWS does not allow it',
  ParameterAlreadyExists: 'Somebody else wrote it in the meantime: run this again to see what is there',
  ThrottlingException: 'AWS got too many requests: try again in a minute',
};

const UNREACHABLE = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH)$/;

/** What to do about an error of AWS: allow what is missing, where that is what it says. @param permissions what the call needs */
export function remedyFor(error: unknown, permissions: string): string {
  const { name } = error instanceof Error ? error : { name: '' };
  return name.startsWith('AccessDenied') ? `allow ${permissions}` : 'correct that, then run this again';
}

/** One clear sentence for an error, with what to do where that is known. */
export function explain(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (/region not accepted/i.test(message)) return `Not an AWS region: ${process.env['AWS_REGION']}`;
  const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (known) {
    const profile = name === 'CredentialsProviderError' && process.env['AWS_PROFILE'];
    return `${profile ? `No AWS credentials in the profile ${profile}: check its name, or sign in with it` : known} (${firstLine(message)})`;
  }
  if (UNREACHABLE.test(code) || name === 'TimeoutError') {
    return `AWS cannot be reached: check the network and the region (${code || name})`;
  }
  return firstLine(message) || name;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.trim() ?? '';
}

type Reason = FailureReason | UnknownReason;

/** What each answer of SMS Aero means for an operator: a sentence, and what to do. */
const REASONS: Readonly<Record<Reason, readonly [what: string, todo: string]>> = {
  unauthorized: [
    'SMS Aero refuses the e-mail address and the API key',
    'copy a key from https://smsaero.ru/cabinet/settings/apikey/ and push the configuration',
  ],
  ip_not_allowed: [
    'the account has a list of allowed addresses, and this one is not on it',
    'clear the list in the cabinet: functions have no fixed address',
  ],
  no_money: ['the balance does not cover the message', 'top up at https://smsaero.ru/'],
  bad_sender_name: [
    'SMS Aero refuses the sender name',
    'check it in the cabinet, or use SMSAero, which every account may',
  ],
  invalid_recipient: ['SMS Aero does not send to this number', 'check the number'],
  blacklisted: ['the number is on a blacklist of SMS Aero', 'use another number, or ask SMS Aero'],
  rate_limited: ['SMS Aero got too many requests', 'wait a minute'],
  rejected: [
    'SMS Aero rejected the message',
    'the cabinet says why: moderation, or a text that is not the approved one',
  ],
  unavailable: ['no gate could be reached', 'check the network; SMSAERO_GATES names other gates'],
  no_answer: ['no answer came: the message may be on its way', 'look into the cabinet before sending again'],
  server_error: [
    'SMS Aero had an internal error: the message may be on its way',
    'look into the cabinet before sending again',
  ],
  malformed_answer: [
    'the answer did not come from SMS Aero',
    'check SMSAERO_GATES, and any proxy in between',
  ],
};

/** All reasons for which SMS Aero sent nothing, or may have. */
export const GATEWAY_REASONS = Object.keys(REASONS);

export function isReason(word: unknown): word is Reason {
  return typeof word === 'string' && Object.hasOwn(REASONS, word);
}

/** What a reason means, as the rest of a sentence. */
export const meaningOf = (reason: Reason): string => REASONS[reason][0];

/** What to do about a reason, as an order. */
export const remedyOf = (reason: Reason): string => REASONS[reason][1];
