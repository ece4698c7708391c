import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';
import { ended, type Invoked, startRuntimeApi } from './runtime-api.ts';

/** A packaged function. */
export interface Artifact {
  /** Folder that holds nothing but what is deployed: Lambda's `/var/task`. */
  readonly folder: string;
  /** `index.mjs` or `index.js` in it. */
  readonly file: string;
  /** Bytes of the code. */
  readonly bytes: number;
}

/** A function that runs as in Lambda: one process, one invocation at a time. */
export interface LambdaProcess {
  /** Sends one event, or a list of events to be handled in a row or at once. */
  invoke(event: unknown, many?: 'in-a-row' | 'at-once'): Promise<Invoked>;
  close(): Promise<void>;
}

const bootstrap = join(import.meta.dirname, 'bootstrap.js');

/**
 * Starts an artifact in a separate process.
 *
 * @param variables its environment; what Lambda sets itself is added
 * @param flags further flags of Node's, for profiles
 */
export async function startLambda(
  artifact: Artifact,
  variables: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<LambdaProcess> {
  const api = await startRuntimeApi();
  const extension = extname(artifact.file);
  const child = spawn(process.execPath, [...flags, bootstrap], {
    cwd: artifact.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      AWS_LAMBDA_RUNTIME_API: api.authority,
      LAMBDA_TASK_ROOT: artifact.folder,
      _HANDLER: `${artifact.file.slice(0, -extension.length)}.handler`,
      BENCH_EXTENSION: extension.slice(1),
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_SESSION_TOKEN: 'bench',
      ...variables,
    },
  });
  // The last of its output, for the error of a function that fails; a warm one writes megabytes of log lines.
  let output = '';
  let complaint: string | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-4_000);
      complaint ??= /^.*"level":"(?:ERROR|CRITICAL)".*$/m.exec(text)?.[0];
    });
  }
  const died = Promise.withResolvers<never>();
  died.promise.catch(() => undefined);
  child.once('exit', (code) => died.reject(new Error(`The function ended with ${code}`)));
  return {
    async invoke(event, many) {
      try {
        const answer = await Promise.race([api.invoke(event, many), died.promise]);
        if (complaint) throw new Error(`The function logged ${complaint}`); // that it left out some work, perhaps
        return answer;
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${output}`, { cause: error });
      }
    },
    async close() {
      child.kill();
      await ended(child);
      await api.close();
    },
  };
}
