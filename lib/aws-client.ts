import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { booleanSelector, SelectorType } from '@smithy/core/config';
import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { orAbort } from './abort.ts';

/**
 * How long an idle connection is trusted, in ms of the wall clock. Lambda freezes the process between invocations: it does not see that the
 * other side closed a connection, or that a NAT gateway forgot it (after 350 s). A new connection costs a handshake of about 10 ms.
 */
const MAX_IDLE_MS = 30_000;

/** Services that the functions call, as `AWS_ENDPOINT_URL_…` names them. */
export type AwsService = 'DYNAMODB' | 'EVENTBRIDGE' | 'KMS' | 'SQS' | 'SSM';

/**
 * Settings of an SDK client for a process whose configuration is all in environment variables, as in Lambda. What has no setting here is
 * looked up in `~/.aws/config` and `~/.aws/credentials` before the first call, which costs 4 ms of CPU of a cold start.
 *
 * The credentials have none: the SDK's chain begins with the environment, and the bundles carry nothing else of it (infra/bundle/).
 *
 * @throws Error if `AWS_USE_FIPS_ENDPOINT` or `AWS_USE_DUALSTACK_ENDPOINT` is neither `true` nor `false`
 */
export function environmentSettings(service: AwsService, env: NodeJS.ProcessEnv = process.env) {
  const flag = (name: string) => booleanSelector(env, name, SelectorType.ENV) ?? false;
  const isIgnored = flag('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS');
  const endpoint = env[`AWS_ENDPOINT_URL_${service}`] || env['AWS_ENDPOINT_URL'];
  const region = env['AWS_REGION'];
  return {
    ...(region ? { region } : {}),
    ...(endpoint && !isIgnored ? { endpoint } : {}),
    ignoreConfiguredEndpointUrls: true, // it is read above, without the files
    useFipsEndpoint: flag('AWS_USE_FIPS_ENDPOINT'),
    useDualstackEndpoint: flag('AWS_USE_DUALSTACK_ENDPOINT'),
    userAgentAppId: env['AWS_SDK_UA_APP_ID'] ?? '',
    authSchemePreference: [],
    disableClockSkewCorrection: false,
    retryMode: 'standard',
  };
}

/** Time limits and pauses of an {@link AwsClient}, in ms. */
export interface AwsTimes {
  /** For a connection. */
  readonly connectMs: number;
  /** For one attempt, from connecting until the answer begins. A connection that swallows bytes costs this once. */
  readonly attemptMs: number;
  /** The longest pause before the second attempt, and before any; each is random, and up to twice as long as the one before. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** The shortest pause as a share of the longest, 0 to 1; 0 by default. It bounds how many calls the caller's time has room for. */
  readonly shortestPauseShare?: number;
}

/**
 * A client of the SDK that is called again while that may help, until the caller's time is over, and never on a connection that may be dead.
 *
 * The SDK's retries end after a number of attempts, and earlier when many calls fail: they protect AWS. Here a person waits for a code,
 * or the call itself protects somebody.
 */
export class AwsClient<Client> {
  readonly client: Client;
  readonly #times: AwsTimes;
  readonly #agents = [new http.Agent({ keepAlive: true }), new https.Agent({ keepAlive: true })] as const;
  readonly #idleSince = new WeakMap<Duplex, number>();

  /** @param create makes the client of the SDK with these settings, and those of {@link environmentSettings} */
  constructor(times: AwsTimes, create: (settings: ReturnType<typeof settingsFor>) => Client) {
    this.#times = times;
    for (const agent of this.#agents) {
      const keep = agent.keepSocketAlive.bind(agent);
      agent.keepSocketAlive = (socket) => {
        this.#idleSince.set(socket, Date.now());
        return keep(socket);
      };
    }
    this.client = create(settingsFor(times, ...this.#agents));
  }

  /**
   * Runs a call, again while it fails for a retryable reason.
   *
   * @param send makes the call; the signal ends it
   * @param signal when the time is over
   * @throws the last error
   */
  async run<Output>(
    send: (client: Client, options: { abortSignal: AbortSignal }) => Promise<Output>,
    signal: AbortSignal,
  ): Promise<Output> {
    const { firstPauseMs, longestPauseMs, shortestPauseShare = 0 } = this.#times;
    for (let longest = firstPauseMs; ; longest = Math.min(2 * longest, longestPauseMs)) {
      this.closeIdle();
      try {
        return await orAbort(send(this.client, { abortSignal: signal }), signal);
      } catch (error) {
        if (signal.aborted || !isRetryable(error)) throw error;
        // Connections that were opened with the silent one may be as dead.
        if (error.name === 'TimeoutError') this.closeIdle(0);
        const share = shortestPauseShare + Math.random() * (1 - shortestPauseShare);
        await sleep(share * longest, undefined, { signal }).catch(() => {
          throw error; // rather than that the time is over
        });
      }
    }
  }

  /** Closes connections that have been idle for longer, in ms. */
  closeIdle(ms = MAX_IDLE_MS): void {
    const latest = Date.now() - ms;
    for (const { freeSockets } of this.#agents) {
      for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) {
        if ((this.#idleSince.get(socket) ?? 0) <= latest) socket.destroy();
      }
    }
  }
}

const settingsFor = (times: AwsTimes, httpAgent: http.Agent, httpsAgent: https.Agent) => ({
  maxAttempts: 1, // see run
  requestHandler: {
    connectionTimeout: times.connectMs,
    requestTimeout: times.attemptMs,
    throwOnRequestTimeout: true,
    httpAgent,
    httpsAgent,
  },
});

/** Whether the SDK itself would call again after this error. */
function isRetryable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const failure = error as Parameters<typeof isThrottlingError>[0];
  return isThrottlingError(failure) || isTransientError(failure) || isServerError(failure);
}
