import { type ChallengeResult, createEvent, defineEvent, type StringMap, verifyEvent } from './events.ts';
import { CognitoError, invoke, stringMap, type Trigger, unrecognizable } from './trigger.ts';

/** A call of a trigger that a pool made. */
export interface TriggerCall {
  readonly trigger: Trigger;
  readonly event: unknown;
  /** What the function made of the event's `response`. */
  readonly response: Readonly<Record<string, unknown>>;
}

/** How a pool is set up. */
export interface PoolOptions {
  /** Calls the function with an event; gives what it returned. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** The users' attributes by the name that they sign in with. One user with a verified phone unless told. */
  readonly users?: Readonly<Record<string, StringMap>>;
  readonly userPoolId?: string;
  readonly clientId?: string;
  /**
   * How often a trigger is called with the same event: Cognito repeats a call that takes over 5 s, up to three calls, and
   * takes the last answer. 1 unless told.
   */
  readonly times?: (trigger: Trigger, call: number) => number;
  /** Whether repeats start while the first call still runs, as they do in AWS: a call that timed out goes on. */
  readonly overlap?: boolean;
  /** The other spelling of the Verify trigger's source. */
  readonly verifySource?: string;
  /** Cognito's steps that the client passed before: `SRP_A`, with which the iOS SDK opens a sign-in, `PASSWORD_VERIFIER`. */
  readonly openedWith?: readonly string[];
  /** `ENABLED` (true unless told): an unknown user is played to the triggers. `LEGACY`: the pool says so by itself. */
  readonly preventUserExistenceErrors?: boolean;
}

/** What a caller of InitiateAuth or RespondToAuthChallenge hears. */
export type AuthResult =
  /** Another challenge; `publicParameters` are the function's, with `USERNAME`. */
  | { readonly status: 'challenge'; readonly publicParameters: StringMap }
  | { readonly status: 'tokens' }
  /** `NotAuthorizedException`. */
  | { readonly status: 'failed' };

/** One sign-in with `CUSTOM_AUTH`. */
export interface Conversation {
  /** What InitiateAuth gave. */
  readonly started: AuthResult;
  /** Answers the current challenge, as RespondToAuthChallenge does. */
  respond(answer: string, clientMetadata?: StringMap): Promise<AuthResult>;
  /** What Cognito remembers of the answered challenges. */
  readonly session: readonly ChallengeResult[];
  /** The last challenge's private parameters: nobody but the triggers sees them. */
  readonly privateParameters: StringMap;
  /** Each call of a trigger, repeats too. */
  readonly calls: readonly TriggerCall[];
}

/**
 * Starts a conversation and plays it up to its first challenge.
 *
 * @param attributes the user's; undefined for a user who does not exist
 */
export async function converse(
  options: PoolOptions,
  userName: string,
  attributes: StringMap | undefined,
  startMetadata: StringMap | undefined,
): Promise<Conversation> {
  const session: ChallengeResult[] = (options.openedWith ?? []).map((challengeName) => ({
    challengeName,
    challengeResult: true,
  }));
  const calls: TriggerCall[] = [];
  const counts = { define: 0, create: 0, verify: 0 };
  let privateParameters: StringMap = {};
  let challengeMetadata: string | undefined;

  const usual = (clientMetadata: StringMap | undefined) => ({
    userName,
    userPoolId: options.userPoolId,
    clientId: options.clientId,
    attributes: attributes ?? {},
    ...(attributes ? {} : { userNotFound: true }),
    ...(clientMetadata ? { clientMetadata } : {}),
  });

  const call = async (trigger: Trigger, event: unknown): Promise<Readonly<Record<string, unknown>>> => {
    counts[trigger] += 1;
    const times = options.times?.(trigger, counts[trigger]) ?? 1;
    const one = async () => {
      const response = await invoke(options.invoke, trigger, structuredClone(event));
      calls.push({ trigger, event, response });
      return response;
    };
    if (options.overlap) {
      const all = await Promise.all(Array.from({ length: times }, one));
      return all.at(-1) ?? {};
    }
    for (let left = times; left > 1; left -= 1) await one();
    return await one();
  };

  const next = async (clientMetadata: StringMap | undefined): Promise<AuthResult> => {
    const decision = await call('define', defineEvent({ ...usual(clientMetadata), session: [...session] }));
    if (decision['failAuthentication'] === true) return { status: 'failed' };
    if (decision['issueTokens'] === true) {
      // Whatever the triggers say, nobody who does not exist gets tokens.
      return attributes ? { status: 'tokens' } : { status: 'failed' };
    }
    if (decision['challengeName'] !== 'CUSTOM_CHALLENGE') throw unrecognizable();
    const created = await call('create', createEvent({ ...usual(clientMetadata), session: [...session] }));
    privateParameters = stringMap(created['privateChallengeParameters']);
    challengeMetadata = (created['challengeMetadata'] ?? undefined) as string | undefined;
    const publicParameters = stringMap(created['publicChallengeParameters']);
    return { status: 'challenge', publicParameters: { ...publicParameters, USERNAME: userName } };
  };

  const started = await next(startMetadata);
  let current = started;
  return {
    started,
    session,
    calls,
    get privateParameters() {
      return privateParameters;
    },
    async respond(answer, clientMetadata) {
      if (current.status !== 'challenge') {
        throw new CognitoError('NotAuthorizedException', 'Invalid session for the user.');
      }
      const event = verifyEvent({
        ...usual(clientMetadata),
        privateChallengeParameters: privateParameters,
        challengeAnswer: answer,
        ...(options.verifySource ? { triggerSource: options.verifySource } : {}),
      });
      const { answerCorrect } = await call('verify', event);
      session.push({
        challengeName: 'CUSTOM_CHALLENGE',
        challengeResult: answerCorrect === true,
        challengeMetadata,
      });
      current = await next(clientMetadata);
      return current;
    },
  };
}
