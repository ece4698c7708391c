import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { invokeFunction } from '../event-sources.ts';
import type { Kms } from '../kms.ts';
import { type Address, listen } from '../loopback.ts';
import { type AuthResult, CognitoError, type Conversation, converse } from './conversation.ts';
import { encryptCode } from './encrypt.ts';
import { type StringMap, senderEvent } from './events.ts';
import { attributesOf, newCode, type User, Users } from './users.ts';

/** The key of the local pool, which infra/cognito/local.yml gives to the function. */
export const LOCAL_KEY_ARN = 'arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-4000-8000-000000000001';

/** The one app client of the local pool. */
const CLIENT_ID = 'local';

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

/** A running user pool. */
export interface UserPool {
  /** Endpoint for a Cognito client, `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a user pool that is signed up to with a phone number, for the AWS CLI with `--endpoint-url`, any SDK, or curl. Its codes go
 * through the function `cognito-sms-sender`, its sign-in through `cognito-auth-challenge`.
 *
 * @throws the system's error when the port is in use
 */
export async function startUserPool(options: UserPoolOptions): Promise<UserPool> {
  const { kms, lambdaUrl, prefix, onFailure } = options;
  const userPoolId = 'eu-central-1_Local0000';
  const context: Context = {
    users: new Users(),
    userPoolId,
    clientId: CLIENT_ID,
    conversations: new Map(),
    encrypt: (code) => encryptCode(code, { keyArn: LOCAL_KEY_ARN, kmsUrl: kms.url, userPoolId }),
    send: (event) => {
      invokeFunction(lambdaUrl, `${prefix}-cognito-sms-sender`, event).catch((error: unknown) =>
        onFailure(`cognito-sms-sender: ${(error as Error).message}`),
      );
    },
    invoke: (event) => invokeFunction(lambdaUrl, `${prefix}-cognito-auth-challenge`, event),
  };

  const answer = async (request: IncomingMessage): Promise<object> => {
    const target = String(request.headers['x-amz-target']);
    const operation = operations.get(/^AWSCognitoIdentityProviderService\.(\w+)$/.exec(target)?.[1] ?? '');
    if (!operation) throw new CognitoError('UnknownOperationException', `Unknown operation ${target}`);
    const input = await json(request).catch(() => {
      throw new CognitoError('SerializationException', 'The request is not JSON.');
    });
    return await operation(context, input as Input);
  };
  const write = (response: ServerResponse, status: number, body: object) =>
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  const server = http.createServer((request, response) => {
    answer(request).then(
      (body) => write(response, 200, body),
      (error: unknown) => {
        if (!(error instanceof CognitoError)) throw error;
        write(response, 400, { __type: error.name, message: error.message });
      },
    );
  });
  const { authority, port, close } = await listen(server, options);
  return { url: `http://${authority}`, port, close };
}

/** The JSON input of an operation. */
type Input = Readonly<Record<string, unknown>>;

/** What the operations work on. */
interface Context {
  readonly users: Users;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly conversations: Map<string, Conversation>;
  /** Encrypts a code as the pool does. */
  readonly encrypt: (code: string) => Promise<string>;
  /** Passes an event to the custom sender, and does not wait for it. */
  readonly send: (event: unknown) => void;
  /** Calls a trigger of custom authentication. */
  readonly invoke: (event: unknown) => Promise<unknown>;
}

type Operation = (context: Context, input: Input) => Promise<object>;

const text = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new CognitoError('InvalidParameterException', `${name} is missing`);
};

const metadata = ({ ClientMetadata: given }: Input) => (given ?? null) as StringMap | null;

async function deliver(
  context: Context,
  user: User,
  source: string,
  input: Input,
  code = user.code,
): Promise<object> {
  const event = senderEvent({
    userPoolId: context.userPoolId,
    clientId: context.clientId,
    userName: user.name,
    triggerSource: `CustomSMSSender_${source}`,
    code: await context.encrypt(code),
    attributes: attributesOf(user),
    clientMetadata: metadata(input),
  });
  context.send(event);
  return {
    CodeDeliveryDetails: {
      AttributeName: 'phone_number',
      DeliveryMedium: 'SMS',
      Destination: `+*******${user.phone.slice(-4)}`,
    },
  };
}

function add({ users }: Context, input: Input): User {
  const attributes = (input['UserAttributes'] ?? []) as { Name: string; Value: string }[];
  const locale = attributes.find(({ Name }) => Name === 'locale')?.Value;
  return users.add(text(input, 'Username'), locale);
}

const signUp: Operation = async (context, input) => {
  const user = add(context, input);
  const delivery = await deliver(context, user, 'SignUp', input);
  return { UserConfirmed: false, UserSub: user.name, ...delivery };
};

/** The person is there at once, and gets a temporary password, which Cognito escapes for HTML. */
const adminCreateUser: Operation = async (context, input) => {
  const user = add(context, input);
  user.confirmed = true;
  if (input['MessageAction'] !== 'SUPPRESS') {
    const password = String(input['TemporaryPassword'] ?? `Temporary<${newCode()}>`);
    const escaped = password.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    await deliver(context, user, 'AdminCreateUser', input, escaped);
  }
  return { User: { Username: user.name, Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' } };
};

const sendAgain =
  (source: string): Operation =>
  async (context, input) => {
    const user = context.users.get(text(input, 'Username'));
    user.code = newCode();
    return await deliver(context, user, source, input);
  };

const confirm: Operation = async ({ users }, input) => {
  users.confirm(text(input, 'Username'), text(input, 'ConfirmationCode'));
  return {};
};

/** The answer to a step; a session is valid for one answer. */
function step({ conversations }: Context, conversation: Conversation, result: AuthResult): object {
  if (result.status === 'failed') {
    throw new CognitoError('NotAuthorizedException', 'Incorrect username or password.');
  }
  if (result.status === 'tokens') {
    const tokens = { AccessToken: 'local', IdToken: 'local', RefreshToken: 'local' };
    return {
      ChallengeParameters: {},
      AuthenticationResult: { ...tokens, ExpiresIn: 3600, TokenType: 'Bearer' },
    };
  }
  const Session = randomUUID();
  conversations.set(Session, conversation);
  return { ChallengeName: 'CUSTOM_CHALLENGE', Session, ChallengeParameters: result.publicParameters };
}

const initiateAuth: Operation = async (context, input) => {
  if (text(input, 'AuthFlow') !== 'CUSTOM_AUTH') {
    throw new CognitoError('InvalidParameterException', 'This pool knows only the flow CUSTOM_AUTH');
  }
  const parameters = (input['AuthParameters'] ?? {}) as Input;
  const phone = text(parameters, 'USERNAME');
  const openedWith = parameters['CHALLENGE_NAME'] === 'SRP_A' ? ['SRP_A'] : [];
  const user = context.users.find(phone);
  if (user && !user.confirmed) throw new CognitoError('UserNotConfirmedException', 'User is not confirmed.');
  const { invoke, userPoolId, clientId } = context;
  const conversation = await converse(
    { invoke, userPoolId, clientId, openedWith },
    user?.name ?? phone,
    user && attributesOf(user),
    undefined, // InitiateAuth passes its metadata to other triggers
  );
  return step(context, conversation, conversation.started);
};

const respond: Operation = async (context, input) => {
  const session = text(input, 'Session');
  const conversation = context.conversations.get(session);
  context.conversations.delete(session);
  if (!conversation) throw new CognitoError('NotAuthorizedException', 'Invalid session for the user.');
  const answer = text((input['ChallengeResponses'] ?? {}) as Input, 'ANSWER');
  const result = await conversation.respond(answer, metadata(input) ?? undefined);
  return step(context, conversation, result);
};

/** The operations that the stand-in knows (Amazon Cognito user pools API, version 2016-04-18); a signature is not asked for. */
const operations: ReadonlyMap<string, Operation> = new Map([
  ['SignUp', signUp],
  ['AdminCreateUser', adminCreateUser],
  ['ResendConfirmationCode', sendAgain('ResendCode')],
  ['ConfirmSignUp', confirm],
  ['ForgotPassword', sendAgain('ForgotPassword')],
  ['ConfirmForgotPassword', confirm],
  ['InitiateAuth', initiateAuth],
  ['RespondToAuthChallenge', respond],
]);
