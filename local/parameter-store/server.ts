import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Address, listen } from '../loopback.ts';
import { ParameterStoreError } from './errors.ts';
import type { Input } from './input.ts';
import { operations } from './operations.ts';
import { Parameters, type ParameterValue } from './parameters.ts';

/** How Parameter Store can fail: `hang` never answers, `stall` begins an answer and never ends it, `reset` resets the connection. */
export type FailureMode = 'throttle' | 'access_denied' | 'server_error' | 'hang' | 'stall' | 'reset';

/** How the stand-in is started. */
export interface ParameterStoreOptions extends Address {
  /** What it holds at first, by full name. */
  parameters?: Record<string, ParameterValue>;
  /** Most rows a page of GetParametersByPath holds, 10 unless told: AWS may return fewer than MaxResults. */
  pageSize?: number;
}

/** A running stand-in. */
export interface ParameterStore {
  /** Endpoint for an SSM client, `http://127.0.0.1:PORT`. */
  url: string;
  port: number;
  /** Puts a parameter or a new version; an existing one keeps its type unless told, a new one is a String. */
  put(name: string, value: string, type?: ParameterValue['type']): void;
  /** Removes a parameter; false when there was none. */
  delete(name: string): boolean;
  /** Every signed call, in order, failed ones too. */
  readonly calls: { operation: string; input: Input }[];
  /** Makes calls fail until told otherwise, or for so many `times`; undefined ends it. */
  fail(mode: FailureMode | undefined, times?: number): void;
  close(): Promise<void>;
}

async function readJson(request: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Input;
  } catch {
    throw new ParameterStoreError('SerializationException', 'The request is not JSON.');
  }
}

// Credential=KEY/DATE/REGION/ssm/aws4_request. The signature itself cannot be checked: the secret is not known here.
function regionOf(authorization: string | undefined): string {
  if (!authorization)
    throw new ParameterStoreError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const scope = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/ssm\/aws4_request,/.exec(
    authorization,
  )?.[1];
  if (!scope || !/SignedHeaders=[^,]+, *Signature=[0-9a-f]{64}$/.test(authorization)) {
    throw new ParameterStoreError(
      'IncompleteSignatureException',
      'The Authorization header is no signature of version 4.',
    );
  }
  return scope;
}

function failure(mode: FailureMode, operation: string, region: string): ParameterStoreError {
  if (mode === 'throttle') return new ParameterStoreError('ThrottlingException', 'Rate exceeded');
  if (mode === 'access_denied') {
    const caller = 'User: arn:aws:sts::000000000000:assumed-role/local/local';
    const resource = `arn:aws:ssm:${region}:000000000000:*`;
    return new ParameterStoreError(
      'AccessDeniedException',
      `${caller} is not authorized to perform: ssm:${operation} on resource: ${resource} because no identity-based policy allows the ssm:${operation} action`,
    );
  }
  return new ParameterStoreError('InternalServerError', 'An error occurred on the server side.', 500);
}

function write(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'Content-Type': 'application/x-amz-json-1.1',
    'x-amzn-RequestId': randomUUID(),
  });
  response.end(JSON.stringify(body));
}

/**
 * Starts Parameter Store (AWS Systems Manager, JSON 1.1) for the real `@aws-sdk/client-ssm` with an `endpoint`. Seeds
 * over 4 KiB become advanced parameters.
 * @throws ParameterStoreError for a seed that AWS would refuse; the system's error when the port is in use.
 */
export async function startParameterStore(options: ParameterStoreOptions = {}): Promise<ParameterStore> {
  const parameters = new Parameters();
  for (const [name, value] of Object.entries(options.parameters ?? {})) {
    parameters.put(name, value, 'Intelligent-Tiering');
  }
  const calls: ParameterStore['calls'] = [];
  let failing: { mode: FailureMode; times: number } | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const input = await readJson(request);
    const region = regionOf(request.headers.authorization);
    const operation = /^AmazonSSM\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1] ?? '';
    calls.push({ operation, input });
    if (failing && failing.times > 0) {
      failing.times -= 1;
      if (failing.mode === 'hang') return;
      if (failing.mode === 'stall') {
        response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1', 'Content-Length': '1000' });
        response.write('{"Paramet');
        return;
      }
      if (failing.mode === 'reset') {
        request.socket.resetAndDestroy();
        return;
      }
      throw failure(failing.mode, operation, region);
    }
    const run = operations.get(operation);
    if (!run) throw new ParameterStoreError('UnknownOperationException');
    write(response, 200, run({ parameters, region, pageSize: options.pageSize ?? 10 }, input));
  };
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof ParameterStoreError)) throw error;
      write(response, error.status, {
        __type: error.type,
        ...(error.message ? { message: error.message } : {}),
      });
    });
  });
  const { authority, port, close } = await listen(server, options);
  return {
    url: `http://${authority}`,
    port,
    put(name, value, type) {
      parameters.put(
        name,
        { type: type ?? parameters.find(name)?.type ?? 'String', value },
        'Intelligent-Tiering',
      );
    },
    delete: (name) => parameters.delete(name),
    calls,
    fail(mode, times = Number.POSITIVE_INFINITY) {
      failing = mode && { mode, times };
    },
    close,
  };
}
