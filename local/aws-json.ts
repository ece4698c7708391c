import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { ServiceError } from '../lib/errors.ts';
import { parseObject } from '../lib/json.ts';
import { listen } from './loopback.ts';

/** The AWS account of the stand-ins. A real account never has this number. */
export const ACCOUNT = '000000000000';

export const REGION = 'eu-central-1';

/** ARN of a resource of that account and region, `arn:aws:sqs:eu-central-1:000000000000:NAME`. */
export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

/** For SDK clients of the stand-ins: with FIPS or dual stack in `~/.aws/config`, a client accepts no `endpoint`. */
export const LOCAL_ENDPOINT = { useFipsEndpoint: false, useDualstackEndpoint: false } as const;

export type Input = Readonly<Record<string, unknown>>;

/** An error as an AWS service answers it: HTTP status, `__type`, message. */
export class AwsError extends ServiceError {
  override name = 'AwsError';
  readonly type: string;
  readonly status: number;
  /** `x-amzn-query-error`, for a service whose SDK still reads it. */
  readonly queryError: string | undefined;

  constructor(type: string, message = '', status = 400, queryError?: string) {
    super(message);
    this.type = type;
    this.status = status;
    this.queryError = queryError;
  }
}

/** `ValidationException` in the words of AWS's checks of a member's presence, length, range or choice. */
export function constraint(member: string, value: unknown, rule: string): AwsError {
  const name = `${member[0]?.toLowerCase()}${member.slice(1)}`;
  const detail = `Value '${String(value)}' at '${name}' failed to satisfy constraint: ${rule}`;
  return new AwsError('ValidationException', `1 validation error detected: ${detail}`);
}

/** A member that must be a text of at least one character. @throws AwsError */
export function requiredText(input: Input, member: string): string {
  const value = input[member] ?? null;
  if (value === null) throw constraint(member, value, 'Member must not be null');
  if (typeof value !== 'string') throw new AwsError('SerializationException', `${member} is not a string`);
  if (value === '') throw constraint(member, value, 'Member must have length greater than or equal to 1');
  return value;
}

/** How a service can fail: `hang` never answers, `stall` begins an answer and never ends it, `reset` resets the connection. */
type AwsFailure = 'throttle' | 'access_denied' | 'server_error' | 'hang' | 'stall' | 'reset';

interface AwsJsonService {
  readonly port?: number;
  /** As IAM names it: `ssm`, `kms`. */
  readonly service: string;
  /** Before the operation in `X-Amz-Target`: `AmazonSSM`, `TrentService`. */
  readonly target: string;
  /** Of AWS JSON. Default: `1.1`. */
  readonly version?: '1.0' | '1.1';
  /** `__type` of its server errors. */
  readonly serverError: string;
  /** `__type` of its throttling. Default: `ThrottlingException`. */
  readonly throttled?: string;
  /** Whether callers need no signature. */
  readonly isUnsigned?: boolean;
  /** @returns its JSON output; undefined for an operation that the service does not have */
  run(operation: string, input: Input): object | undefined | Promise<object | undefined>;
  /** Answers a form in XML, for curl without a signature: the protocol of SNS. @returns status and body */
  form?(fields: string): Promise<{ readonly status: number; readonly body: string }>;
}

export interface AwsJsonServer {
  readonly url: string;
  /** Every signed call, in order, failed ones too. */
  readonly calls: { operation: string; input: Input }[];
  /** Makes all calls fail, or the next so many `times`; undefined ends it. */
  fail(mode: AwsFailure | undefined, times?: number): void;
  /** Chooses for each call whether it fails, and ends `fail`; undefined ends it. */
  watch(how: ((operation: string, input: Input) => AwsFailure | undefined) | undefined): void;
  close(): Promise<void>;
}

/** The service that a request is signed for. The signature itself cannot be checked: the secret is not known here. */
const SIGNATURE =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/([a-z-]+)\/aws4_request,.*Signature=[0-9a-f]{64}$/;

/** Serves AWS JSON on loopback: signed requests in, answers and errors in AWS's form out. */
export async function startAwsJson(service: AwsJsonService): Promise<AwsJsonServer> {
  const contentType = `application/x-amz-json-${service.version ?? '1.1'}`;
  const calls: AwsJsonServer['calls'] = [];
  let watching: Parameters<AwsJsonServer['watch']>[0];

  const write = (response: ServerResponse, status: number, body: object, headers: object = {}) =>
    response
      .writeHead(status, { 'Content-Type': contentType, 'x-amzn-RequestId': randomUUID(), ...headers })
      .end(JSON.stringify(body));

  /** @throws AwsError for a failure that is an answer */
  const play = (mode: AwsFailure, operation: string, response: ServerResponse): void => {
    switch (mode) {
      case 'hang':
        return;
      case 'stall':
        response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': '1000' });
        response.write('{"Paramet');
        return;
      case 'reset':
        response.req.socket.resetAndDestroy();
        return;
      case 'throttle':
        throw new AwsError(service.throttled ?? 'ThrottlingException', 'Rate exceeded');
      case 'access_denied':
        throw new AwsError(
          'AccessDeniedException',
          `User: arn:aws:sts::${ACCOUNT}:assumed-role/local/local is not authorized to perform: ${service.service}:${operation} on resource: ${arn(service.service, '*')} because no identity-based policy allows it`,
        );
      case 'server_error':
        throw new AwsError(service.serverError, 'The request could not be processed.', 500);
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    // Browsers say so with every POST: a page of whatever site could order messages by a form, or read them by another name for 127.0.0.1.
    if (request.headers.origin !== undefined) {
      throw new AwsError('AccessDeniedException', 'Web pages may not ask here', 403);
    }
    if (service.form && request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
      const { status, body: xml } = await service.form(body);
      response.writeHead(status, { 'Content-Type': 'text/xml' }).end(xml);
      return;
    }
    const [, signed] = SIGNATURE.exec(request.headers.authorization ?? '') ?? [];
    if (signed !== service.service && !service.isUnsigned) {
      const problem = `The request is not signed for ${service.service}`;
      throw new AwsError('MissingAuthenticationTokenException', problem);
    }
    const input = parseObject(body || '{}');
    if (!input) throw new AwsError('SerializationException', 'The request is not JSON.');
    const [target, operation = ''] = String(request.headers['x-amz-target']).split('.');
    calls.push({ operation, input });
    const mode = watching?.(operation, input);
    if (mode) return play(mode, operation, response);
    const output = target === service.target ? await service.run(operation, input) : undefined;
    if (!output) throw new AwsError('UnknownOperationException');
    write(response, 200, output);
  };
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof AwsError)) throw error;
      const { status, type, message, queryError } = error;
      const body = { __type: type, ...(message ? { message } : {}) };
      write(response, status, body, queryError ? { 'x-amzn-query-error': queryError } : {});
    });
  });
  const { port } = service;
  const { authority, close } = await listen(server, port === undefined ? {} : { port });
  return {
    url: `http://${authority}`,
    calls,
    fail(mode, times = Number.POSITIVE_INFINITY) {
      let left = times;
      watching = () => (left-- > 0 ? mode : undefined);
    },
    watch(how) {
      watching = how;
    },
    close,
  };
}
