import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../../local/loopback.ts';

/** What `bootstrap.js` measures; milliseconds of the wall clock and of the CPU, from before the import where nothing is said. */
export interface Report {
  /** Until all of the code is loaded. */
  readonly load: number;
  /** Until the import ends: what Lambda calls initialisation. */
  readonly init: number;
  /** Until this invocation was answered. */
  readonly answer: number;
  /** This invocation. */
  readonly took: number;
  /** CPU time of this invocation, all threads. */
  readonly cpu: number;
  /** CPU time of the process so far, the start of Node included: for comparisons on a machine that is busy. */
  readonly cpuSoFar: number;
  /** Peak resident memory of the process so far, in KiB. */
  readonly peakMemory: number;
  /** Microseconds of each event of a list that was handled in a row. */
  readonly each?: readonly number[];
}

/** An invocation's answer, and what was measured. */
export interface Invoked {
  readonly answer: unknown;
  readonly report: Report;
}

/** A Runtime API for one process. */
export interface RuntimeApi {
  /** `127.0.0.1:PORT`, the value of `AWS_LAMBDA_RUNTIME_API`. */
  readonly authority: string;
  /**
   * Sends one event, or a list of events to be handled in a row or at once.
   *
   * @throws Error with the function's error
   */
  invoke(event: unknown, many?: 'in-a-row' | 'at-once'): Promise<Invoked>;
  /** Rejects with the error of a function that does not start. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** How long an invocation may take, in ms; far above what any does. */
const DEADLINE = 120_000;

/** Serves the Runtime API (`/2018-06-01/runtime/...`) on loopback. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  let waiting = Promise.withResolvers<ServerResponse>();
  let running = Promise.withResolvers<Invoked>();
  const start = Promise.withResolvers<never>();
  start.promise.catch(() => undefined); // whoever invokes gets it
  let invocations = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const path = String(request.url).replace('/2018-06-01/runtime/', '');
    if (path === 'invocation/next') {
      waiting.resolve(response);
      return;
    }
    const body = await text(request);
    response.writeHead(202).end();
    if (path === 'init/error') {
      start.reject(new Error(`The function does not start: ${body}`));
    } else if (path.endsWith('/error')) {
      running.reject(new Error(`The function threw: ${body}`));
    } else {
      const report = JSON.parse(String(request.headers['bench-report'])) as Report;
      running.resolve({ answer: JSON.parse(body), report });
    }
  };
  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => running.reject(error));
  });
  const { authority, close } = await listen(server);
  return {
    authority,
    failed: start.promise,
    close,
    async invoke(event, many) {
      const next = await Promise.race([waiting.promise, start.promise]);
      waiting = Promise.withResolvers();
      running = Promise.withResolvers();
      invocations += 1;
      const id = `00000000-0000-4000-8000-${String(invocations).padStart(12, '0')}`;
      next
        .writeHead(200, {
          'Content-Type': 'application/json',
          'Lambda-Runtime-Aws-Request-Id': id,
          'Lambda-Runtime-Deadline-Ms': Date.now() + DEADLINE,
          'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-central-1:123456789012:function:bench',
          // Not sampled: what a traced function has for most of its requests, and the cheaper case.
          'Lambda-Runtime-Trace-Id':
            'Root=1-6720c2a0-000000000000000000000000;Parent=53995c3f42cd8ad8;Sampled=0',
          ...(many ? { 'Bench-Many': many } : {}),
        })
        .end(JSON.stringify(event));
      return await running.promise;
    },
  };
}

/** Waits until a child process has ended. */
export async function ended(child: { exitCode: number | null; signalCode: unknown } & NodeJS.EventEmitter) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
