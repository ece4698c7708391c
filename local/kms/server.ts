import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Address, listen } from '../loopback.ts';
import { accessDenied, KmsError } from './errors.ts';
import type { Input } from './input.ts';
import { Keys } from './keys.ts';
import { operations } from './operations.ts';

/** How KMS can fail: `hang` never answers, `reset` resets the connection. */
export type KmsFailure = 'throttle' | 'access_denied' | 'server_error' | 'hang' | 'reset';

/** How the stand-in is started. */
export interface KmsOptions extends Address {
  /** ARNs of keys that exist at first, each with a UUID at its end. */
  keys?: readonly string[];
}

/** A running stand-in. */
export interface Kms {
  /** Endpoint for a KMS client, `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Makes a symmetric key; gives its ARN, in `eu-central-1` unless told another one. */
  createKey(arn?: string): string;
  /** Refuses the caller these operations with a key, all of them if none is named, until `allow`. */
  deny(arn: string, ...operations: string[]): void;
  /** Ends `deny` and `disable`. */
  allow(arn: string): void;
  /** Disables a key: `DisabledException`. */
  disable(arn: string): void;
  /** Removes a key: `NotFoundException`. */
  deleteKey(arn: string): void;
  /** Every signed call, in order, failed ones too. */
  readonly calls: { operation: string; input: Input }[];
  /** Makes calls fail until told otherwise, or for so many `times`; undefined ends it. */
  fail(mode: KmsFailure | undefined, times?: number): void;
  close(): Promise<void>;
}

async function readJson(request: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Input;
  } catch {
    throw new KmsError('SerializationException', 'The request is not JSON.');
  }
}

// Credential=KEY/DATE/REGION/kms/aws4_request. The signature itself cannot be checked: the secret is not known here.
function regionOf(authorization: string | undefined): string {
  if (!authorization)
    throw new KmsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const region = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/kms\/aws4_request,/.exec(
    authorization,
  )?.[1];
  if (!region || !/SignedHeaders=[^,]+, *Signature=[0-9a-f]{64}$/.test(authorization)) {
    throw new KmsError(
      'IncompleteSignatureException',
      'The Authorization header is no signature of version 4.',
    );
  }
  return region;
}

function failure(mode: KmsFailure, operation: string, input: Input): KmsError {
  if (mode === 'throttle') return new KmsError('ThrottlingException', 'Rate exceeded');
  if (mode === 'access_denied') return accessDenied(operation, String(input['KeyId'] ?? '*'));
  return new KmsError('KMSInternalException', 'The request could not be processed.', 500);
}

function write(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'Content-Type': 'application/x-amz-json-1.1',
    'x-amzn-RequestId': randomUUID(),
  });
  response.end(JSON.stringify(body));
}

/**
 * Starts KMS (AWS Key Management Service, JSON 1.1) for the real `@aws-sdk/client-kms` with an `endpoint` or
 * `AWS_ENDPOINT_URL_KMS`. It encrypts in earnest; its keys live as long as the process.
 * @throws KmsError for an ARN that is no key's; the system's error when the port is in use.
 */
export async function startKms(options: KmsOptions = {}): Promise<Kms> {
  const keys = new Keys();
  for (const arn of options.keys ?? []) keys.create(arn);
  const calls: { operation: string; input: Input }[] = [];
  let failing: { mode: KmsFailure; times: number } | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const input = await readJson(request);
    const region = regionOf(request.headers.authorization);
    const operation = /^TrentService\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1] ?? '';
    calls.push({ operation, input });
    if (failing && failing.times > 0) {
      failing.times -= 1;
      if (failing.mode === 'hang') return;
      if (failing.mode === 'reset') {
        request.socket.resetAndDestroy();
        return;
      }
      throw failure(failing.mode, operation, input);
    }
    const run = operations.get(operation);
    if (!run) throw new KmsError('UnknownOperationException');
    write(response, 200, run({ keys, region }, input));
  };
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof KmsError)) throw error;
      const { status, type, message } = error;
      write(response, status, { __type: type, ...(message ? { message } : {}) });
    });
  });
  const { authority, port, close } = await listen(server, options);
  return {
    url: `http://${authority}`,
    port,
    createKey: (arn) => keys.create(arn).arn,
    deny(arn, ...denied) {
      for (const operation of denied.length > 0 ? denied : ['*']) keys.get(arn).denied.add(operation);
    },
    allow(arn) {
      const key = keys.get(arn);
      key.denied.clear();
      key.enabled = true;
    },
    disable(arn) {
      keys.get(arn).enabled = false;
    },
    deleteKey: (arn) => void keys.delete(arn),
    calls,
    fail(mode, times = Number.POSITIVE_INFINITY) {
      failing = mode && { mode, times };
    },
    close,
  };
}
