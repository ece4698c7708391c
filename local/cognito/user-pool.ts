import { randomInt, randomUUID } from 'node:crypto';
import { AwsError, type AwsJsonServer, type Input, startAwsJson } from '../aws-json.ts';
import { type AuthResult, type Conversation, converse } from './conversation.ts';
import { encryptCode } from './encrypt.ts';
import { type StringMap, senderEvent } from './events.ts';

/** The key of the local pool, which infra/cognito/local.yml gives to the function. */
export const LOCAL_KEY_ARN = 'arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-4000-8000-000000000001';

const POOL = { userPoolId: 'eu-central-1_Local0000', clientId: 'local' } as const;

interface UserPoolOptions {
  readonly port: number;
  /** Endpoint of KMS, with the key `LOCAL_KEY_ARN` in it. */
  readonly kmsUrl: string;
  /** Calls a function by the end of its name. @returns what it returned */
  readonly invoke: (name: string, event: unknown) => Promise<unknown>;
  /** Is told that a code was not sent; the function's log says why. */
  readonly onFailure: (message: string) => void;
}

interface User {
  /** UUID: what the triggers get as the user name, since people sign in by phone. */
  readonly name: string;
  readonly phone: string;
  readonly locale: string | undefined;
  confirmed: boolean;
  /** The code that was sent last. */
  code: string;
}

/**
 * Starts a user pool that is signed up to with a phone number, for the AWS CLI with `--endpoint-url`, any SDK, or curl. Its codes go
 * through the function `cognito-sms-sender`, its sign-in through `cognito-auth-challenge`.
 *
 * @returns `url` is the endpoint for a Cognito client
 * @throws the system's error when the port is in use
 */
export async function startUserPool(options: UserPoolOptions): Promise<AwsJsonServer> {
  const { kmsUrl, invoke, onFailure } = options;
  /** By phone number. */
  const users = new Map<string, User>();
  /** By session. */
  const conversations = new Map<string, Conversation>();

  /** Passes a code to the custom sender, and does not wait for it. */
  async function deliver(user: User, source: string, input: Input, code = user.code): Promise<object> {
    const event = senderEvent({
      ...POOL,
      userName: user.name,
      triggerSource: `CustomSMSSender_${source}`,
      code: await encryptCode(code, { keyArn: LOCAL_KEY_ARN, kmsUrl, userPoolId: POOL.userPoolId }),
      attributes: attributesOf(user),
      clientMetadata: metadataOf(input) ?? null,
    });
    invoke('cognito-sms-sender', event).catch((error: unknown) =>
      onFailure(`cognito-sms-sender: ${(error as Error).message}`),
    );
    const Destination = `+*******${user.phone.slice(-4)}`;
    return { CodeDeliveryDetails: { AttributeName: 'phone_number', DeliveryMedium: 'SMS', Destination } };
  }

  function add(input: Input): User {
    const attributes = (input['UserAttributes'] ?? []) as { Name: string; Value: string }[];
    const locale = attributes.find(({ Name }) => Name === 'locale')?.Value;
    const phone = text(input, 'Username');
    if (!/^\+\d{7,15}$/.test(phone)) {
      throw new AwsError('InvalidParameterException', 'Username should be a phone number: +79031234567');
    }
    if (users.has(phone)) {
      throw new AwsError('UsernameExistsException', 'An account with the given phone_number already exists.');
    }
    const user = { name: randomUUID(), phone, locale, confirmed: false, code: newCode() };
    users.set(phone, user);
    return user;
  }

  function find(input: Input): User {
    const user = users.get(text(input, 'Username'));
    if (!user) throw new AwsError('UserNotFoundException', 'Username/client id combination not found.');
    return user;
  }

  const sendAgain = (source: string) => (input: Input) => {
    const user = find(input);
    user.code = newCode();
    return deliver(user, source, input);
  };

  /** Checks the code that was sent last, which is valid once. */
  const confirm = async (input: Input) => {
    const user = find(input);
    if (text(input, 'ConfirmationCode') !== user.code) {
      throw new AwsError('CodeMismatchException', 'Invalid verification code provided, please try again.');
    }
    user.code = newCode();
    user.confirmed = true;
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
      const user = users.get(phone);
      if (user && !user.confirmed) throw new AwsError('UserNotConfirmedException', 'User is not confirmed.');
      const conversation = await converse(
        { ...POOL, invoke: (event) => invoke('cognito-auth-challenge', event), openedWith },
        user?.name ?? phone,
        user && attributesOf(user),
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
    port: options.port,
    service: 'cognito-idp',
    target: 'AWSCognitoIdentityProviderService',
    serverError: 'InternalErrorException',
    isUnsigned: true,
    run: (operation, input) => operations[operation]?.(input),
  });
}

/** Six digits, as Cognito's. */
const newCode = () => String(randomInt(1_000_000)).padStart(6, '0');

/** What the triggers get of a person. */
const attributesOf = ({ name, phone, locale, confirmed }: User): StringMap => ({
  sub: name,
  'cognito:user_status': confirmed ? 'CONFIRMED' : 'UNCONFIRMED',
  phone_number: phone,
  phone_number_verified: String(confirmed),
  ...(locale === undefined ? {} : { locale }),
});

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new AwsError('InvalidParameterException', `${name} is missing`);
}

const metadataOf = ({ ClientMetadata: given }: Input) => (given ?? undefined) as StringMap | undefined;
