import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Address, listen } from './loopback.ts';

/** An error as an AWS service answers it: HTTP status, `__type`, message. */
export class AwsError extends Error {
  override name = 'AwsError';
  /** The error's `__type`, as in the service's model. */
  readonly type: string;
  readonly status: number;

  constructor(type: string, message = '', status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** The JSON input of an operation. */
export type Input = Readonly<Record<string, unknown>>;

/** How a service can fail: `hang` never answers, `stall` begins an answer and never ends it, `reset` resets the connection. */
export type AwsFailure = 'throttle' | 'access_denied' | 'server_error' | 'hang' | 'stall' | 'reset';

/** A service that speaks AWS JSON 1.1. */
export interface AwsJsonService extends Address {
  /** As IAM names it: `ssm`, `kms`. */
  readonly service: string;
  /** Before the operation in `X-Amz-Target`: `AmazonSSM`, `TrentService`. */
  readonly target: string;
  /** `__type` of its server errors. */
  readonly serverError: string;
  /** What an operation is refused on: an ARN. */
  resource(input: Input, region: string): string;
  /** Runs an operation. @returns undefined for one that it does not know */
  run(operation: string, input: Input, region: string): object | undefined;
}

/** The running service. */
export interface AwsJsonServer {
  readonly url: string;
  readonly port: number;
  /** Every signed call, in order, failed ones too. */
  readonly calls: { operation: string; input: Input }[];
  /** Makes calls fail until told otherwise, or for so many `times`; undefined ends it. */
  fail(mode: AwsFailure | undefined, times?: number): void;
  close(): Promise<void>;
}

/** `AccessDeniedException` in the words of IAM. */
export function accessDenied(service: string, operation: string, resource: string): AwsError {
  const caller = 'User: arn:aws:sts::000000000000:assumed-role/local/local';
  const action = `${service}:${operation}`;
  return new AwsError(
    'AccessDeniedException',
    `${caller} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  );
}

/** Serves AWS JSON 1.1 on loopback: signed requests in, answers and errors in AWS's form out. */
export async function startAwsJson(service: AwsJsonService): Promise<AwsJsonServer> {
  const calls: AwsJsonServer['calls'] = [];
  let failing: { mode: AwsFailure; times: number } | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const input = await readJson(request);
    const region = regionOf(request.headers.authorization, service.service);
    const [target, operation = ''] = String(request.headers['x-amz-target']).split('.');
    calls.push({ operation, input });
    if (failing && failing.times > 0) {
      failing.times -= 1;
      play(
        failing.mode,
        request,
        response,
        () => accessDenied(service.service, operation, service.resource(input, region)),
        service.serverError,
      );
      return;
    }
    const output = target === service.target ? service.run(operation, input, region) : undefined;
    if (!output) throw new AwsError('UnknownOperationException');
    write(response, 200, output);
  };
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof AwsError)) throw error;
      const { status, type, message } = error;
      write(response, status, { __type: type, ...(message ? { message } : {}) });
    });
  });
  const { authority, port, close } = await listen(server, service);
  return {
    url: `http://${authority}`,
    port,
    calls,
    fail(mode, times = Number.POSITIVE_INFINITY) {
      failing = mode && { mode, times };
    },
    close,
  };
}

function play(
  mode: AwsFailure,
  request: IncomingMessage,
  response: ServerResponse,
  denied: () => AwsError,
  serverError: string,
): void {
  switch (mode) {
    case 'hang':
      return;
    case 'stall':
      response.writeHead(200, { 'Content-Type': CONTENT_TYPE, 'Content-Length': '1000' });
      response.write('{"Paramet');
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'throttle':
      throw new AwsError('ThrottlingException', 'Rate exceeded');
    case 'access_denied':
      throw denied();
    case 'server_error':
      throw new AwsError(serverError, 'The request could not be processed.', 500);
  }
}

const CONTENT_TYPE = 'application/x-amz-json-1.1';

function write(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': CONTENT_TYPE, 'x-amzn-RequestId': randomUUID() });
  response.end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Input;
  } catch {
    throw new AwsError('SerializationException', 'The request is not JSON.');
  }
}

// Credential=KEY/DATE/REGION/SERVICE/aws4_request. The signature itself cannot be checked: the secret is not known here.
function regionOf(authorization: string | undefined, service: string): string {
  if (!authorization)
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, region, signed] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/([a-z-]+)\/aws4_request,/.exec(authorization) ??
    [];
  if (!region || signed !== service || !/SignedHeaders=[^,]+, *Signature=[0-9a-f]{64}$/.test(authorization)) {
    throw new AwsError(
      'IncompleteSignatureException',
      'The Authorization header is no signature of version 4.',
    );
  }
  return region;
}
