import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import querystring from 'node:querystring';
import { buffer } from 'node:stream/consumers';
import { httpEvent } from './http-event.ts';

/**
 * Runs a function behind a socket, in a separate process: what API Gateway and Lambda are in AWS.
 * Arguments: the URL of its module, and the time that each invocation has (ms). Reports `{ port }` to its parent, and answers `{ event }` with
 * `{ reply }` or `{ error }`. Ends with the connection to its parent.
 */
const [, , module = '', remaining = '5000'] = process.argv;
type Handler = (
  event: unknown,
  context: unknown,
) => Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;
process.on('disconnect', () => process.exit()); // not killed: coverage is written at the exit
const { handler } = (await import(module)) as { handler: Handler };

let invocations = 0;
const context = () => {
  invocations += 1;
  return {
    awsRequestId: `00000000-0000-4000-8000-${String(invocations).padStart(12, '0')}`,
    functionName: 'smsaero-test-sms-hook',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:smsaero-test-sms-hook',
    memoryLimitInMB: '1024',
    getRemainingTimeInMillis: () => Number(remaining),
  };
};

/** Name of the path parameter behind `/sms/`, `/reports/` and `/messages/`. */
const PARAMETERS: Readonly<Record<string, string>> = { sms: 'platform', reports: 'token', messages: 'id' };

/**
 * The event of a request at an HTTP API, which percent-decodes the path and its parameters, where REST APIs and Function URLs do not
 * (middleapi/standard-server#93 refers to captured events). `unescape` also takes what is not valid percent-encoding.
 */
async function eventOf(request: IncomingMessage) {
  const { method = '', url = '/', headers } = request;
  const body = await buffer(request);
  const [path = '/', ...queries] = url.split('?');
  const [, collection = '', parameter = ''] = path.split('/');
  const query = new URLSearchParams(queries.join('?'));
  return httpEvent({
    method,
    path: querystring.unescape(path),
    pathParameters: { [PARAMETERS[collection] ?? 'proxy']: querystring.unescape(parameter) },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...(query.size > 0 && { query: Object.fromEntries(query) }),
    body: /json|text|form/.test(headers['content-type'] ?? '') ? body.toString() : body,
  });
}

/** Resolves when all that the function printed is out: what a full pipe does not take waits in this process. Warnings are in the second. */
const written = () =>
  Promise.all(
    [process.stdout, process.stderr].map(
      (stream) => new Promise<void>((resolve) => void stream.write('', () => resolve())),
    ),
  );

// A caller that keeps its connections writes to none that is just being closed, as Node closes them after 5 s.
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const answer = async () => {
    const reply = await handler(await eventOf(request), context());
    await written();
    response.writeHead(reply.statusCode, reply.headers).end(reply.body);
  };
  answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
});

process.on('message', ({ id, event }: { id: number; event: unknown }) => {
  const answer = async (message: object) => {
    await written();
    process.send?.({ id, ...message });
  };
  handler(event, context()).then(
    (reply) => answer({ reply }),
    (error: unknown) => answer({ error: String(error) }),
  );
});

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
