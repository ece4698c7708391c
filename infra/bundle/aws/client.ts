import { setTimeout as sleep } from 'node:timers/promises';
import { VERSION } from '../../../lib/version.ts';
import { defaultProvider } from '../environment-credentials.ts';
import { AwsError, isPassing, isThrottled } from './errors.ts';
import { type Answer, type Endpoint, endpointOf, type Limits, post } from './exchange.ts';
import { type SigningKeys, sign } from './signature.ts';

/** A service of AWS that speaks JSON over `POST /`. */
export interface JsonService {
  /** In host names and signatures: `ssm`. */
  readonly name: string;
  /** In `AWS_ENDPOINT_URL_…`, if that is not the name in capitals. */
  readonly variable?: string;
  /** Before the operation in `x-amz-target`: `AmazonSSM`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

/** How often a call is tried, and the pause before the next try, in ms. */
export interface Tries {
  readonly attempts: number;
  pause(attempt: number, error: unknown): number;
}

/** Options of a client; those of the SDK's clients that are used here. */
export interface ClientOptions {
  readonly region?: string | undefined;
  readonly maxAttempts?: number | undefined;
  readonly retryStrategy?: Tries | undefined;
  readonly requestHandler?: Limits | undefined;
}

/** As the SDK's standard mode: full jitter over 100 ms, 500 ms when throttled, doubled each time. */
const standardPause: Tries['pause'] = (attempt, error) =>
  Math.random() * Math.min(20_000, (isThrottled(error) ? 500 : 100) * 2 ** (attempt - 1));

/** A call to be sent: what the SDK calls a command. */
export class Command {
  readonly input: Readonly<Record<string, unknown>>;

  constructor(input: Readonly<Record<string, unknown>>) {
    this.input = input;
  }
}

/** A command that knows its operation. */
export type NamedCommand = Command & { readonly operation: string };

/** What a call is given beside its command. */
export interface CallOptions {
  readonly abortSignal?: AbortSignal;
}

/**
 * A client for the JSON services of AWS that stands in the bundle for the SDK's, whose load takes about half of a cold start, and
 * whose calls take three times the CPU. Credentials are read from the environment, as Lambda gives them.
 */
export class JsonClient {
  readonly #service: JsonService;
  readonly #region: string;
  readonly #endpoint: Endpoint;
  readonly #tries: Tries;
  readonly #limits: Limits;
  readonly #provider = defaultProvider();
  /** Read once: Lambda replaces the process before they expire. */
  #credentials: SigningKeys | undefined;

  constructor(service: JsonService, options: ClientOptions = {}) {
    const { region = process.env['AWS_REGION'] ?? '', maxAttempts = 3, requestHandler = {} } = options;
    this.#service = service;
    this.#region = region;
    this.#endpoint = endpointOf(urlOf(service, region));
    this.#tries = options.retryStrategy ?? { attempts: maxAttempts, pause: standardPause };
    this.#limits = requestHandler;
  }

  /** Sends a command. @throws as {@link call} */
  async send({ operation, input }: NamedCommand, { abortSignal }: CallOptions = {}): Promise<object> {
    return await this.call(operation, input, abortSignal);
  }

  /**
   * Calls an operation, again after what passes.
   *
   * @throws AwsError for an error that the service answered; see {@link post} for the others
   */
  async call(operation: string, input: object, signal?: AbortSignal): Promise<Record<string, unknown>> {
    const body = JSON.stringify(input);
    const { attempts, pause } = this.#tries;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(operation, body, `attempt=${attempt}; max=${attempts}`, signal);
      } catch (error) {
        if (attempt >= attempts || signal?.aborted || !isPassing(error)) throw error;
        await sleep(pause(attempt, error), undefined, signal ? { signal } : {});
      }
    }
  }

  async #once(operation: string, body: string, attempt: string, signal?: AbortSignal) {
    const { name, target, version } = this.#service;
    const headers = {
      'amz-sdk-request': attempt,
      'content-type': `application/x-amz-json-${version}`,
      host: this.#endpoint.host,
      'x-amz-target': `${target}.${operation}`,
    };
    this.#credentials ??= await this.#provider();
    const scope = { region: this.#region, service: name };
    const signed = sign({ headers, body }, scope, this.#credentials, new Date());
    const list = ['user-agent', `smsaero-lambda/${VERSION}`];
    for (const header in signed) list.push(header, signed[header] ?? '');
    return read(await post(this.#endpoint, list, body, this.#limits, signal));
  }
}

function read({ status, headers, body }: Answer): Record<string, unknown> {
  let output: Record<string, unknown> = {};
  try {
    output = JSON.parse(body || '{}');
  } catch {
    // The work is done: another try might do it twice.
    if (status < 300) throw new AwsError('SyntaxError', 'The answer is not JSON', status, {});
  }
  if (status < 300) return output;
  const type = String(output['__type'] ?? headers['x-amzn-errortype'] ?? `Http${status}`);
  const name = type.replace(/^.*#/, '').replace(/:.*$/, '');
  throw new AwsError(name, String(output['message'] ?? output['Message'] ?? name), status, output);
}

/** Where a service is: as the SDK's clients find it, without its FIPS and dual-stack variants. */
function urlOf({ name, variable = name.toUpperCase() }: JsonService, region: string): string {
  const { env } = process;
  const told = env[`AWS_ENDPOINT_URL_${variable}`] || env['AWS_ENDPOINT_URL'];
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return told || `https://${name}.${region}.${domain}`;
}
