import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Kms } from '../kms/index.ts';
import { invokeFunction } from '../lambda/invoke.ts';
import { type Address, listen } from '../loopback.ts';
import { encryptCode } from './encrypt.ts';
import { type Context, type Input, operations } from './operations.ts';
import { CognitoError } from './trigger.ts';
import { Users } from './users.ts';

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
  /** Hears that a code was not sent; the function's log says why. */
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
