import { randomUUID } from 'node:crypto';
import { AwsError, type AwsJsonServer, type Input, startAwsJson } from '../aws-json.ts';
import { invokeFunction } from '../event-sources.ts';
import type { Kms } from '../kms.ts';
import type { Address } from '../loopback.ts';
import { type AuthResult, type Conversation, converse } from './conversation.ts';
import { encryptCode } from './encrypt.ts';
import { type StringMap, senderEvent } from './events.ts';
import { attributesOf, newCode, type User, Users } from './users.ts';

/** The key of the local pool, which infra/cognito/local.yml gives to the function. */
export const LOCAL_KEY_ARN = 'arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-4000-8000-000000000001';

const POOL = { userPoolId: 'eu-central-1_Local0000', clientId: 'local' } as const;

/** What the pool works with. */
export interface UserPoolOptions extends Address {
  /** KMS, with the key `LOCAL_KEY_ARN` in it. */
  readonly kms: Pick<Kms, 'url'>;
  /** Base URL of Lambda's API, where the functions are. */
  readonly lambdaUrl: string;
  /** What the functions' names begin with, `smsaero-local`. */
  readonly prefix: string;
  /** Is told that a code was not sent; the function's log says why. */
  readonly onFailure: (message: string) => void;
}

/** A running user pool; its `url` is the endpoint for a Cognito client. */
export type UserPool = AwsJsonServer;

/**
 * Starts a user pool that is signed up to with a phone number, for the AWS CLI with `--endpoint-url`, any SDK, or curl. Its codes go
 * through the function `cognito-sms-sender`, its sign-in through `cognito-auth-challenge`.
 *
 * @throws the system's error when the port is in use
 */
export async function startUserPool(options: UserPoolOptions): Promise<UserPool> {
  const { kms, lambdaUrl, prefix, onFailure } = options;
  const users = new Users();
  /** By session. */
  const conversations = new Map<string, Conversation>();
  const call = (name: string, event: unknown) => invokeFunction(lambdaUrl, `${prefix}-${name}`, event);

  /** Passes a code to the custom sender, and does not wait for it. */
  async function deliver(user: User, source: string, input: Input, code = user.code): Promise<object> {
    const event = senderEvent({
      ...POOL,
      userName: user.name,
      triggerSource: `CustomSMSSender_${source}`,
      code: await encryptCode(code, {
        keyArn: LOCAL_KEY_ARN,
        kmsUrl: kms.url,
        userPoolId: POOL.userPoolId,
      }),
      attributes: attributesOf(user),
      clientMetadata: metadataOf(input) ?? null,
    });
    call('cognito-sms-sender', event).catch((error: unknown) =>
      onFailure(`cognito-sms-sender: ${(error as Error).message}`),
    );
    const Destination = `+*******${user.phone.slice(-4)}`;
    return { CodeDeliveryDetails: { AttributeName: 'phone_number', DeliveryMedium: 'SMS', Destination } };
  }

  function add(input: Input): User {
    const attributes = (input['UserAttributes'] ?? []) as { Name: string; Value: string }[];
    const locale = attributes.find(({ Name }) => Name === 'locale')?.Value;
    return users.add(text(input, 'Username'), locale);
  }

  const sendAgain = (source: string) => (input: Input) => {
    const user = users.get(text(input, 'Username'));
    user.code = newCode();
    return deliver(user, source, input);
  };

  const confirm = async (input: Input) => {
    users.confirm(text(input, 'Username'), text(input, 'ConfirmationCode'));
    return {};
  };

  /** The answer to a step; a session is valid for one answer. */
  function step(conversation: Conversation, result: AuthResult): object {
    if (result.status === 'failed') {
      throw new AwsError('NotAuthorizedException', 'Incorrect username or password.');
    }
    if (result.status === 'tokens') {
      const tokens = { AccessToken: 'local', IdToken: 'local', RefreshToken: 'local' };
      const AuthenticationResult = { ...tokens, ExpiresIn: 3600, TokenType: 'Bearer' };
      return { ChallengeParameters: {}, AuthenticationResult };
    }
    const Session = randomUUID();
    conversations.set(Session, conversation);
    return { ChallengeName: 'CUSTOM_CHALLENGE', Session, ChallengeParameters: result.publicParameters };
  }

  /** The operations that the stand-in knows (Amazon Cognito user pools API, version 2016-04-18); a signature is not asked for. */
  const operations: Readonly<Record<string, (input: Input) => Promise<object>>> = {
    async SignUp(input) {
      const user = add(input);
      const delivery = await deliver(user, 'SignUp', input);
      return { UserConfirmed: false, UserSub: user.name, ...delivery };
    },
    /** The person is there at once, and gets a temporary password, which Cognito escapes for HTML. */
    async AdminCreateUser(input) {
      const user = add(input);
      user.confirmed = true;
      if (input['MessageAction'] !== 'SUPPRESS') {
        const password = String(input['TemporaryPassword'] ?? `Temporary<${newCode()}>`);
        const escaped = password.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        await deliver(user, 'AdminCreateUser', input, escaped);
      }
      return { User: { Username: user.name, Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' } };
    },
    ResendConfirmationCode: sendAgain('ResendCode'),
    ConfirmSignUp: confirm,
    ForgotPassword: sendAgain('ForgotPassword'),
    ConfirmForgotPassword: confirm,
    async InitiateAuth(input) {
      if (text(input, 'AuthFlow') !== 'CUSTOM_AUTH') {
        throw new AwsError('InvalidParameterException', 'This pool knows only the flow CUSTOM_AUTH');
      }
      const parameters = (input['AuthParameters'] ?? {}) as Input;
      const phone = text(parameters, 'USERNAME');
      const openedWith = parameters['CHALLENGE_NAME'] === 'SRP_A' ? ['SRP_A'] : [];
      const user = users.find(phone);
      if (user && !user.confirmed) throw new AwsError('UserNotConfirmedException', 'User is not confirmed.');
      const conversation = await converse(
        { ...POOL, invoke: (event) => call('cognito-auth-challenge', event), openedWith },
        user?.name ?? phone,
        user && attributesOf(user),
        undefined, // InitiateAuth passes its metadata to other triggers
      );
      return step(conversation, conversation.started);
    },
    async RespondToAuthChallenge(input) {
      const session = text(input, 'Session');
      const conversation = conversations.get(session);
      conversations.delete(session);
      if (!conversation) throw new AwsError('NotAuthorizedException', 'Invalid session for the user.');
      const answer = text((input['ChallengeResponses'] ?? {}) as Input, 'ANSWER');
      return step(conversation, await conversation.respond(answer, metadataOf(input)));
    },
  };

  return await startAwsJson({
    ...options,
    service: 'cognito-idp',
    target: 'AWSCognitoIdentityProviderService',
    serverError: 'InternalErrorException',
    isUnsigned: true,
    run: (operation, input) => operations[operation]?.(input),
  });
}

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new AwsError('InvalidParameterException', `${name} is missing`);
}

const metadataOf = ({ ClientMetadata: given }: Input) => (given ?? undefined) as StringMap | undefined;
