import { type Conversation, converse } from '../../local/cognito/conversation.ts';
import { ATTRIBUTES, type StringMap, USER_NAME } from '../../local/cognito/events.ts';

export type { Conversation } from '../../local/cognito/conversation.ts';
export * from '../../local/cognito/encrypt.ts';
export * from '../../local/cognito/events.ts';

/** Which trigger a pool calls. */
export type Trigger = 'define' | 'create' | 'verify';

/** How a pool is set up. */
export interface PoolOptions {
  /** Calls the function with an event. @returns what it returned */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** The users' attributes by the name that they sign in with. Default: one user with a verified phone. */
  readonly users?: Readonly<Record<string, StringMap>>;
  /**
   * How often a trigger is called with the same event: Cognito repeats a call that takes over 5 s, up to three calls, and
   * takes the last answer. Default: 1.
   */
  readonly times?: (trigger: Trigger) => number;
  /** Whether repeats start while the first call still runs, as they do in AWS: a call that timed out goes on. */
  readonly overlap?: boolean;
  /** Cognito's steps that the client passed before: `SRP_A`, `PASSWORD_VERIFIER`. */
  readonly openedWith?: readonly string[];
}

const TRIGGERS: Readonly<Record<string, Trigger>> = { Def: 'define', Cre: 'create', Ver: 'verify' };

/** A user pool that plays its custom authentication flow against a function. */
export function createPool(options: PoolOptions) {
  const { users = { [USER_NAME]: ATTRIBUTES }, times = () => 1, overlap } = options;
  const invoke = async (event: unknown): Promise<unknown> => {
    const { triggerSource } = event as { triggerSource: string };
    const trigger = TRIGGERS[triggerSource.slice(0, 3)] ?? 'verify';
    const one = () => options.invoke(structuredClone(event));
    const calls = Array.from({ length: times(trigger) }, () => one);
    if (overlap) return (await Promise.all(calls.map((call) => call()))).at(-1);
    let last: unknown;
    for (const call of calls) last = await call();
    return last;
  };
  return {
    /** Starts a sign-in, as InitiateAuth with `AuthFlow: CUSTOM_AUTH`. @throws AwsError */
    initiateAuth: (userName = USER_NAME): Promise<Conversation> =>
      converse({ ...options, invoke }, userName, users[userName]),
  };
}
