import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { AwsError, accessDenied } from './aws-error.ts';
import { type AwsFailure, play } from './aws-failure.ts';
import { type Input, parseInput, regionOf } from './aws-request.ts';
import { type Address, listen } from './loopback.ts';

export { AwsError, type AwsFailure, accessDenied, type Input };

/** What an operation gives: its JSON output, at once or later; undefined for one that the service does not know. */
export type Output = object | undefined | Promise<object | undefined>;

/** An answer that is not JSON. */
export interface TextAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A service that speaks AWS JSON. */
export interface AwsJsonService extends Address {
  /** As IAM names it: `ssm`, `kms`. */
  readonly service: string;
  /** Before the operation in `X-Amz-Target`: `AmazonSSM`, `TrentService`. */
  readonly target: string;
  /** Version of AWS JSON, 1.1 unless told; it is in the content type and nowhere else. */
  readonly version?: '1.0' | '1.1';
  /** `__type` of its server errors. */
  readonly serverError: string;
  /** `__type` of its throttling, `ThrottlingException` unless told. */
  readonly throttled?: string;
  /** What an operation is refused on: an ARN. */
  resource(input: Input, region: string): string;
  /**
   * Runs an operation.
   *
   * @param signal aborts when the caller has gone away
   */
  run(operation: string, input: Input, region: string, signal: AbortSignal): Output;
  /** The code that an error had in the service's older query protocol, for a service whose SDK still tells it. */
  queryCode?(type: string): string;
  /** Answers a form, which is that older protocol; without a signature, for curl. */
  form?(fields: URLSearchParams, path: string, signal: AbortSignal): Promise<TextAnswer>;
}

/** The running service. */
export interface AwsJsonServer {
  readonly url: string;
  readonly port: number;
  /** Every signed call, in order, failed ones too. */
  readonly calls: { operation: string; input: Input }[];
  /** Makes calls fail until told otherwise, or for so many `times`; undefined ends it. */
  fail(mode: AwsFailure | undefined, times?: number): void;
  /** Looks at every call before it is answered, and makes it fail if it likes; undefined ends it. */
  watch(how: ((operation: string, input: Input) => AwsFailure | undefined) | undefined): void;
  close(): Promise<void>;
}

/** Serves AWS JSON on loopback: signed requests in, answers and errors in AWS's form out. */
export async function startAwsJson(service: AwsJsonService): Promise<AwsJsonServer> {
  const contentType = `application/x-amz-json-${service.version ?? '1.1'}`;
  const calls: AwsJsonServer['calls'] = [];
  let failing: { mode: AwsFailure; times: number } | undefined;
  let watching: Parameters<AwsJsonServer['watch']>[0];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    if (service.form && request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
      const fields = new URLSearchParams(body.toString('utf8'));
      const {
        status,
        contentType: type,
        body: text,
      } = await service.form(fields, request.url ?? '/', gone.signal);
      response.writeHead(status, { 'Content-Type': type }).end(text);
      return;
    }
    const input = parseInput(body);
    const region = regionOf(request.headers.authorization, service.service);
    const [target, operation = ''] = String(request.headers['x-amz-target']).split('.');
    calls.push({ operation, input });
    let mode = watching?.(operation, input);
    if (!mode && failing && failing.times > 0) {
      failing.times -= 1;
      mode = failing.mode;
    }
    if (mode) {
      play(mode, request, response, {
        contentType,
        throttled: service.throttled ?? 'ThrottlingException',
        serverError: service.serverError,
        denied: () => accessDenied(service.service, operation, service.resource(input, region)),
      });
      return;
    }
    const output =
      target === service.target ? await service.run(operation, input, region, gone.signal) : undefined;
    if (!output) throw new AwsError('UnknownOperationException');
    write(response, 200, output);
  };
  const write = (response: ServerResponse, status: number, body: object, headers: object = {}) =>
    response
      .writeHead(status, { 'Content-Type': contentType, 'x-amzn-RequestId': randomUUID(), ...headers })
      .end(JSON.stringify(body));
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof AwsError)) throw error;
      const { status, type, message } = error;
      const fault = status < 500 ? 'Sender' : 'Receiver';
      const headers = service.queryCode
        ? { 'x-amzn-query-error': `${service.queryCode(type)};${fault}` }
        : {};
      write(response, status, { __type: type, ...(message ? { message } : {}) }, headers);
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
    watch(how) {
      watching = how;
    },
    close,
  };
}
