import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { orAbort, timeoutSignal } from '../abort.ts';
import { ConfigurationError } from './parameters.ts';

/**
 * Limits for Parameter Store, which answers in about 20 ms from Lambda: 300 ms for a connection, 700 ms for an answer to begin, one
 * more try; 1.9 s for all pages, so that a request that has to wait for them is answered within 2.5 s.
 */
const CONNECT_TIMEOUT = 300;
const ANSWER_TIMEOUT = 700;
const ATTEMPTS = 2;
const LOAD_TIMEOUT = 1_900;

/** Reads the parameters below one path. */
export class ParameterStore {
  readonly #client = new SSMClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT,
      requestTimeout: ANSWER_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  });
  readonly #path: string;

  /** @param path the path without a slash at the end: `/smsaero/dev` */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads all parameters below the path, decrypted: one call for each ten.
   *
   * @returns values by name below the path: `email`, `platforms/logto`
   * @throws ConfigurationError `configuration_unreadable`, with AWS's error as its cause
   */
  async load(): Promise<Map<string, string>> {
    const signal = timeoutSignal(LOAD_TIMEOUT);
    try {
      return await orAbort(this.#read(signal), signal);
    } catch (error) {
      throw new ConfigurationError(
        'configuration_unreadable',
        `Parameter Store could not be read at ${this.#path}: ${error instanceof Error ? error.name : 'unknown error'}`,
        { cause: error },
      );
    }
  }

  async #read(signal: AbortSignal): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    const pages = paginateGetParametersByPath(
      { client: this.#client },
      { Path: this.#path, Recursive: true, WithDecryption: true },
      { abortSignal: signal },
    );
    for await (const page of pages) {
      for (const { Name, Value } of page.Parameters ?? []) {
        if (Name !== undefined && Value !== undefined) {
          values.set(Name.slice(this.#path.length + 1), Value);
        }
      }
    }
    return values;
  }
}
