import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** An answer of a function behind API Gateway. */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The part of a line in CloudWatch's embedded metric format that names the metrics. */
interface EmbeddedMetrics {
  readonly CloudWatchMetrics: readonly {
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string }[];
  }[];
}

/**
 * The module of a function: its source, so that coverage sees it. With the environment variable `TEST_FUNCTIONS=dist`, as the benchmarks
 * have it, the bundle.
 */
const moduleOf = (name: string) =>
  new URL(process.env['TEST_FUNCTIONS'] === 'dist' ? `dist/${name}/index.mjs` : `functions/${name}.ts`, root);

/** What a test runner asks of every process below it, or a cache, with which the source loads in half the CPU time: coverage is less precise with it. */
const { NODE_V8_COVERAGE } = process.env;
const inherited: Record<string, string> = NODE_V8_COVERAGE
  ? { NODE_V8_COVERAGE }
  : { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') };

/** A function that runs in a separate process. */
export type RunningFunction = Awaited<ReturnType<typeof startFunction>>;

/**
 * Starts a function with these environment variables and no others.
 *
 * @param name of the file in `functions/` without its extension, or the URL of another module that exports a handler
 * @param variables the environment; credentials and a region are added
 * @param remaining what each invocation is told to have left, in ms
 */
export async function startFunction(
  name: string | URL,
  variables: Record<string, string>,
  remaining = 5_000,
) {
  const { href } = typeof name === 'string' ? moduleOf(name) : name;
  const child = fork(
    fileURLToPath(new URL('tests/support/function-host.ts', root)),
    [href, String(remaining)],
    {
      env: {
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        ...inherited,
        ...variables,
      },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));

  const waiting = new Map<number, (message: { reply?: Reply; error?: string }) => void>();
  let calls = 0;
  child.on('message', (message: { id: number; reply?: Reply; error?: string }) =>
    waiting.get(message.id)?.(message),
  );
  const started = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  const port = (started[0] as { port?: number } | null)?.port;
  if (!port) throw new Error(`The function did not start: ${output}`);

  const lines = (): Record<string, unknown>[] =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));

  return {
    /** Base URL of the HTTP API in front of it. */
    url: `http://127.0.0.1:${port}`,
    /** Invokes it with an event as it is. */
    invoke: (event: unknown) =>
      new Promise<Reply>((resolve, reject) => {
        calls += 1;
        const id = calls;
        waiting.set(id, ({ reply, error }) => {
          waiting.delete(id);
          // What it wrote lies in the pipe by now; it is read in this turn of the event loop.
          setImmediate(() => {
            if (error === undefined)
              resolve(reply as Reply); // a function that is not behind HTTP may answer nothing
            else reject(new Error(error));
          });
        });
        child.send({ id, event });
      }),
    /** All that it wrote to standard output and standard error so far. */
    output: () => output,
    /** Its log lines so far: all, or those with a message. */
    logs: (message?: string) =>
      lines().filter((line) => !('_aws' in line) && (message === undefined || line['message'] === message)),
    /** Its metrics so far, all or one: each of a line in CloudWatch's embedded format once for each of the line's sets of dimensions. */
    metrics: (name?: string) =>
      lines()
        .flatMap((line) =>
          ((line['_aws'] as EmbeddedMetrics | undefined)?.CloudWatchMetrics ?? []).flatMap(
            ({ Dimensions, Metrics }) =>
              Dimensions.flatMap((names) =>
                Metrics.map(({ Name }) => ({
                  name: Name,
                  value: Number(line[Name]),
                  reason: names.includes('Reason') ? (line['Reason'] as string) : undefined,
                })),
              ),
          ),
        )
        .filter((metric) => name === undefined || metric.name === name),
    close: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}
