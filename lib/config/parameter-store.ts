import {
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { timeoutSignal } from '../abort.ts';
import { AwsClient, environmentSettings } from '../aws-client.ts';
import { ConfigurationError } from './parameters.ts';

/**
 * Parameter Store answers in about 20 ms from Lambda. Up to a burst of 40 calls a second it throttles no account, and many starts at the same
 * time are such a burst: so the pauses are longer than those of the table, and half of each is certain. While it throttles, a load is about
 * 9 calls, at most 11; six pauses are at most 1,650 ms, so the seventh call is always made in time.
 */
const TIMES = {
  connectMs: 300,
  attemptMs: 700,
  firstPauseMs: 50,
  longestPauseMs: 450,
  shortestPauseShare: 0.5,
};

/** Time for all pages, retries included, in ms: a request that has to wait for them is answered within 2.5 s. */
const LOAD_TIMEOUT_MS = 1_900;

export class ParameterStore {
  readonly #aws = new AwsClient(
    TIMES,
    (settings) => new SSMClient({ ...environmentSettings('SSM'), ...settings }),
  );
  readonly #path: string;

  /** @param path the path without a slash at the end: `/smsaero/dev` */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads all parameters below the path.
   *
   * @returns values by name, as {@link readParameters} has them
   * @throws ConfigurationError `configuration_unreadable`, with AWS's error as its cause
   */
  async load(): Promise<Map<string, string>> {
    try {
      const signal = timeoutSignal(LOAD_TIMEOUT_MS);
      return await readParameters(this.#path, (command) =>
        this.#aws.run((client, options) => client.send(command, options), signal),
      );
    } catch (error) {
      throw new ConfigurationError(
        'configuration_unreadable',
        `Parameter Store could not be read at ${this.#path}: ${error instanceof Error ? error.name : 'unknown error'}`,
        { cause: error },
      );
    }
  }
}

/**
 * Reads all parameters below a path, decrypted: one call for each ten.
 *
 * @param path without a slash at the end
 * @param send makes one call
 * @returns values by name below the path: `email`, `platforms/logto`
 * @throws the error of a call
 */
export async function readParameters(
  path: string,
  send: (command: GetParametersByPathCommand) => Promise<GetParametersByPathCommandOutput>,
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  const input = { Path: path, Recursive: true, WithDecryption: true };
  let nextPage: string | undefined;
  do {
    const page = await send(new GetParametersByPathCommand({ ...input, NextToken: nextPage }));
    for (const { Name = '', Value = '' } of page.Parameters ?? []) {
      values.set(Name.slice(path.length + 1), Value);
    }
    nextPage = page.NextToken;
  } while (nextPage);
  return values;
}
