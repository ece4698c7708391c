/** Texts by name, as Cognito passes attributes and metadata. */
export type StringMap = Readonly<Record<string, string>>;

/** The pool and the user of the events by default. */
export const POOL_ID = 'eu-central-1_Ab12Cd34E';
export const USER_NAME = '7c0f6f3e-1d1a-4d0b-9a2f-3b0f5d0c1e11';

/** Attributes of a user whose phone number is verified. */
export const ATTRIBUTES: StringMap = {
  sub: USER_NAME,
  'cognito:user_status': 'CONFIRMED',
  phone_number: '+79031234567',
  phone_number_verified: 'true',
  locale: 'ru',
};

interface Common {
  readonly userPoolId?: string | undefined;
  readonly userName?: string | undefined;
  readonly clientId?: string | undefined;
}

function common(triggerSource: string, options: Common) {
  const { userPoolId = POOL_ID, userName = USER_NAME, clientId = '4exampleclientid0000000000' } = options;
  return {
    version: '1',
    region: userPoolId.split('_')[0],
    userPoolId,
    userName,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
    triggerSource,
  };
}

/** How a sender's event differs from the usual one. A member that is there and undefined is absent from the event. */
export interface SenderEventOptions extends Common {
  /** `CustomSMSSender_SignUp` and the like. */
  readonly triggerSource?: string;
  /** The encrypted code in base64. */
  readonly code?: string | null | undefined;
  /** The user's attributes, instead of the usual ones. */
  readonly attributes?: StringMap | null | undefined;
  /** Default: null, as in real events. */
  readonly clientMetadata?: StringMap | null | undefined;
}

/**
 * An event of the custom SMS sender (Amazon Cognito Developer Guide, "Custom SMS sender Lambda trigger"; that
 * `clientMetadata` is null and `response` absent is from a log of a real event).
 */
export function senderEvent(options: SenderEventOptions = {}) {
  const { triggerSource = 'CustomSMSSender_Authentication' } = options;
  return {
    ...common(triggerSource, options),
    request: {
      type: 'customSMSSenderRequestV1',
      code: 'code' in options ? options.code : null,
      clientMetadata: 'clientMetadata' in options ? options.clientMetadata : null,
      userAttributes: 'attributes' in options ? options.attributes : ATTRIBUTES,
    },
  };
}

/** A challenge that was answered, as Cognito remembers it. */
export interface ChallengeResult {
  readonly challengeName: string;
  readonly challengeResult: boolean;
  readonly challengeMetadata?: string | undefined;
}

/** How a challenge's event differs from the usual one. */
interface ChallengeEventOptions extends Common {
  readonly attributes?: StringMap | undefined;
  readonly clientMetadata?: StringMap | null | undefined;
  /** Default: absent. True for an unknown user of a client that hides whether users exist. */
  readonly userNotFound?: boolean | undefined;
}

function request({ attributes = ATTRIBUTES, clientMetadata, userNotFound }: ChallengeEventOptions) {
  return { userAttributes: attributes, userNotFound, clientMetadata };
}

interface SessionEventOptions extends ChallengeEventOptions {
  readonly session?: readonly ChallengeResult[];
}

/** Asks what comes next (Amazon Cognito Developer Guide, "Define auth challenge Lambda trigger"). */
export function defineEvent(options: SessionEventOptions = {}) {
  return {
    ...common('DefineAuthChallenge_Authentication', options),
    request: { ...request(options), session: options.session ?? [] },
    response: { challengeName: null, issueTokens: null, failAuthentication: null },
  };
}

/** Asks for a challenge (Amazon Cognito Developer Guide, "Create auth challenge Lambda trigger"). */
export function createEvent(options: SessionEventOptions = {}) {
  return {
    ...common('CreateAuthChallenge_Authentication', options),
    request: { ...request(options), challengeName: 'CUSTOM_CHALLENGE', session: options.session ?? [] },
    response: { publicChallengeParameters: null, privateChallengeParameters: null, challengeMetadata: null },
  };
}

/** What an answer is checked against. */
export interface VerifyEventOptions extends ChallengeEventOptions {
  readonly privateChallengeParameters?: StringMap | null;
  readonly challengeAnswer?: string;
  /** The types of AWS say `VerifyAuthChallengeResponse_Authentication`, a table of its guide leaves `Response` out. */
  readonly triggerSource?: string;
}

/** Asks whether an answer is right (Amazon Cognito Developer Guide, "Verify auth challenge response Lambda trigger"). */
export function verifyEvent(options: VerifyEventOptions = {}) {
  const { triggerSource = 'VerifyAuthChallengeResponse_Authentication' } = options;
  const { privateChallengeParameters = {}, challengeAnswer = '' } = options;
  return {
    ...common(triggerSource, options),
    request: { ...request(options), privateChallengeParameters, challengeAnswer },
    response: { answerCorrect: null },
  };
}
