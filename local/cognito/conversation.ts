import { asObject, type Fields } from '../../lib/json.ts';
import { AwsError } from '../aws-json.ts';
import { type ChallengeResult, createEvent, defineEvent, type StringMap, verifyEvent } from './events.ts';

interface ConversationOptions {
  /** Calls the function. @returns what it returned */
  readonly invoke: (event: unknown) => Promise<unknown>;
  readonly userPoolId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Cognito's steps that the client passed before: `SRP_A`, with which the iOS SDK opens a sign-in, `PASSWORD_VERIFIER`. */
  readonly openedWith?: readonly string[] | undefined;
}

/** What a caller of InitiateAuth or RespondToAuthChallenge gets. */
export type AuthResult =
  /** Another challenge; `publicParameters` are the function's, with `USERNAME`. */
  | { readonly status: 'challenge'; readonly publicParameters: StringMap }
  | { readonly status: 'tokens' }
  /** `NotAuthorizedException`. */
  | { readonly status: 'failed' };

/** One sign-in with `CUSTOM_AUTH`. */
export interface Conversation {
  /** The result of InitiateAuth. */
  readonly started: AuthResult;
  /** Answers the current challenge, as RespondToAuthChallenge does. */
  respond(answer: string, clientMetadata?: StringMap): Promise<AuthResult>;
  /** The last challenge's private parameters: only the triggers see them. */
  readonly privateParameters: StringMap;
}

/**
 * Starts a sign-in with the custom authentication flow of a user pool (Amazon Cognito Developer Guide, "Custom authentication
 * challenge Lambda triggers"): Define, Create, the caller's answer, Verify, Define, and so on until tokens or failure.
 *
 * @param attributes the user's; undefined for a user who does not exist
 * @throws AwsError `UserLambdaValidationException` with the function's message when it throws,
 * `InvalidLambdaResponseException` when its answer is not one
 */
export async function converse(
  options: ConversationOptions,
  userName: string,
  attributes: StringMap | undefined,
): Promise<Conversation> {
  const session: ChallengeResult[] = (options.openedWith ?? []).map((challengeName) => ({
    challengeName,
    challengeResult: true,
  }));
  let privateParameters: StringMap = {};
  let challengeMetadata: string | undefined;

  const usual = {
    ...{ userName, userPoolId: options.userPoolId, clientId: options.clientId },
    attributes: attributes ?? {},
    userNotFound: attributes ? undefined : true,
  };

  const run = (event: { readonly triggerSource: string }) => responseOf(options.invoke, event);
  const next = async (clientMetadata?: StringMap): Promise<AuthResult> => {
    const decision = await run(defineEvent({ ...usual, clientMetadata, session: [...session] }));
    if (decision['failAuthentication'] === true) return { status: 'failed' };
    if (decision['issueTokens'] === true) {
      // A user who does not exist gets no tokens, whatever the triggers say.
      return attributes ? { status: 'tokens' } : { status: 'failed' };
    }
    if (decision['challengeName'] !== 'CUSTOM_CHALLENGE') unrecognizable();
    const created = await run(createEvent({ ...usual, clientMetadata, session: [...session] }));
    privateParameters = stringMap(created['privateChallengeParameters']);
    challengeMetadata = (created['challengeMetadata'] ?? undefined) as string | undefined;
    const publicParameters = stringMap(created['publicChallengeParameters']);
    return { status: 'challenge', publicParameters: { ...publicParameters, USERNAME: userName } };
  };

  const started = await next(); // InitiateAuth passes its metadata to other triggers
  let current = started;
  return {
    started,
    get privateParameters() {
      return privateParameters;
    },
    async respond(answer, clientMetadata) {
      if (current.status !== 'challenge') {
        throw new AwsError('NotAuthorizedException', 'Invalid session for the user.');
      }
      const asked = { privateChallengeParameters: privateParameters, challengeAnswer: answer };
      const { answerCorrect } = await run(verifyEvent({ ...usual, clientMetadata, ...asked }));
      const challengeResult = answerCorrect === true;
      session.push({ challengeName: 'CUSTOM_CHALLENGE', challengeResult, challengeMetadata });
      current = await next(clientMetadata);
      return current;
    },
  };
}

/** Calls a trigger. @returns what the function made of the event's `response` */
async function responseOf(
  invoke: ConversationOptions['invoke'],
  event: { readonly triggerSource: string },
): Promise<Fields> {
  const returned = await invoke(structuredClone(event)).catch((error: unknown) => {
    const trigger = event.triggerSource.replace(/_.*$/, '');
    const message = `${trigger} failed with error ${(error as Error).message}.`;
    throw new AwsError('UserLambdaValidationException', message);
  });
  return asObject(asObject(returned)?.['response']) ?? unrecognizable();
}

/** Parameters of a challenge: Cognito takes only texts. @throws AwsError */
function stringMap(value: unknown): StringMap {
  const entries = Object.entries(value ?? {});
  if (entries.some(([, inner]) => typeof inner !== 'string')) unrecognizable();
  return Object.fromEntries(entries) as StringMap;
}

/** What the caller gets when a function's answer makes no sense. */
function unrecognizable(): never {
  throw new AwsError('InvalidLambdaResponseException', 'Unrecognizable lambda output');
}
