/** What to do about errors of AWS that everybody meets, by the SDK's name for each; what follows is the service's own word. */
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
  ParameterAlreadyExists: 'Somebody else wrote it meanwhile: run this again, which shows what is there',
  ThrottlingException: 'AWS has had too many requests: try again in a minute',
};

const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
]);

/** What to do about an error of AWS: allow what is missing, where that is what it says. @param permissions what the call needs */
export function remedyFor(error: unknown, permissions: string): string {
  const { name } = error instanceof Error ? error : { name: '' };
  return name.startsWith('AccessDenied') ? `allow ${permissions}` : 'mend that, then run this again';
}

/** One clear sentence for an error, with what to do where that is known. */
export function explain(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (/region is missing|region not accepted/i.test(message)) {
    return 'No AWS region: add --region eu-central-1, or set AWS_REGION';
  }
  const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (known) {
    return `${known} (${firstLine(message)})`;
  }
  if (UNREACHABLE.has(code) || name === 'TimeoutError') {
    return `AWS cannot be reached: check the network and the region (${code || name})`;
  }
  return firstLine(message) || name;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.trim() ?? '';
}
