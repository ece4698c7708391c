import { ServiceError } from '../../lib/errors.ts';
import type { StringMap } from './events.ts';

/** Which trigger a pool calls. */
export type Trigger = 'define' | 'create' | 'verify';

/** An error that Cognito's caller gets: its `name` is the exception's. */
export class CognitoError extends ServiceError {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const TITLES = {
  define: 'DefineAuthChallenge',
  create: 'CreateAuthChallenge',
  verify: 'VerifyAuthChallengeResponse',
};

/**
 * Calls a trigger's function.
 *
 * @returns what the function made of the event's `response`
 * @throws CognitoError `UserLambdaValidationException` with the function's message when it throws,
 * `InvalidLambdaResponseException` when it returned no event
 */
export async function invoke(
  run: (event: unknown) => Promise<unknown>,
  trigger: Trigger,
  event: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const returned = await run(event).catch((error: unknown) => {
    const { message } = error as Error;
    throw new CognitoError(
      'UserLambdaValidationException',
      `${TITLES[trigger]} failed with error ${message}.`,
    );
  });
  const response = (returned as { response?: unknown } | null)?.response;
  if (typeof response !== 'object' || response === null) throw unrecognizable();
  return response as Readonly<Record<string, unknown>>;
}

/**
 * Parameters of a challenge: Cognito takes texts and nothing else.
 *
 * @throws CognitoError `InvalidLambdaResponseException`
 */
export function stringMap(value: unknown): StringMap {
  const entries = Object.entries(value ?? {});
  if (entries.some(([, inner]) => typeof inner !== 'string')) throw unrecognizable();
  return Object.fromEntries(entries) as StringMap;
}

/** `InvalidLambdaResponseException`, what the caller hears when a function's answer makes no sense. */
export function unrecognizable(): CognitoError {
  return new CognitoError('InvalidLambdaResponseException', 'Unrecognizable lambda output');
}
