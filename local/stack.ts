import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { devNull } from 'node:os';
import type { Connector } from '../lib/config/configuration.ts';
import { parseJson } from '../lib/json.ts';
import { PLATFORMS } from '../lib/platforms/index.ts';
import { localSecretOf } from '../lib/platforms/local-secret.ts';
import { type Api, startApi } from './api.ts';
import { arn, REGION } from './aws-json.ts';
import { startCallerIdentity } from './caller-identity.ts';
import { LOCAL_KEY_ARN, startUserPool } from './cognito/user-pool.ts';
import { type Envelope, startEventBus } from './event-bus.ts';
import { invokeFunction, pollQueue, pollStream } from './event-sources.ts';
import { startKms } from './kms.ts';
import { listen } from './loopback.ts';
import type { ServiceRequest } from './page/contract.ts';
import { type Page, startPage } from './page/server.ts';
import { Templates } from './page/templates.ts';
import { fromConnector, startParameterStore } from './parameter-store.ts';
import { type Queues, startQueues } from './queues.ts';
import { RequestLog } from './request-log.ts';
import type { Settings } from './settings.ts';
import { createAccount, startGate } from './simulator/index.ts';
import { startTable } from './table.ts';

/** The stage that the stack plays. */
const STAGE = 'local';

export const COMMANDS = `smsaero-${STAGE}-commands`;

/** A topic of SNS whose messages go to that queue, as one does that is named at deployment. */
export const TOPIC_ARN = arn('sns', COMMANDS);

/** Where the stack listens, and what takes its requests, lines and events. */
interface LocalStackOptions
  extends Pick<Settings, 'port' | 'inboxPort' | 'cognitoPort' | 'queuePort' | 'host'> {
  /** What to send with. Default: `local/connector.json`. */
  readonly connector?: Connector | undefined;
  /** Takes each request that the service has answered. */
  readonly onRequest?: (request: ServiceRequest) => void;
  /** Takes each line that the functions and serverless-offline print. */
  readonly onLine?: (line: string) => void;
  /** Takes what went wrong between the parts of the stack. */
  readonly onProblem?: (message: string) => void;
  readonly onEvent?: (event: Envelope) => void;
}

export interface LocalStack {
  readonly api: Api;
  readonly page: Page;
  /** Endpoint for a Cognito client. */
  readonly cognitoUrl: string;
  readonly queues: Queues;
  close(): Promise<void>;
}

/**
 * Starts all that a message meets: SMS Aero (two gates of one account, with delivery reports), Parameter Store with
 * the connector's configuration, the table with its stream, the queues, the event bus, the phone page, a Cognito user pool with its KMS key, and
 * the API with the functions.
 *
 * @throws Error that says which port is in use, or what the API printed before it ended
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { port, host, inboxPort, cognitoPort, queuePort, onProblem = () => {} } = options;
  const running: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(running.map((part) => part.close()));
  };
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    running.push(part);
    return part;
  };
  try {
    // Before anything else starts: of the ports that another `npm start` has, this is the one to name.
    await (await listen(createServer(), { port })).close();
    const file = await readFile(new URL('connector.json', import.meta.url), 'utf8');
    const connector = options.connector ?? (parseJson(file) as Connector);
    const { email, apiKey, senderName, senderNames = {} } = connector;
    const account = keep(
      createAccount({ email, apiKey, senderNames: [senderName, ...Object.values(senderNames)] }),
    );
    const gates = [
      keep(await startGate(account, { name: 'first' })),
      keep(await startGate(account, { name: 'second' })),
    ];
    const requests = new RequestLog();
    if (options.onRequest) requests.events.on('completed', options.onRequest);
    const templates = new Templates(connector, account, (name, value) =>
      parameters.put(`/smsaero/${STAGE}/${name}`, value),
    );
    const secrets = Object.fromEntries(PLATFORMS.map((platform) => [platform.name, localSecretOf(platform)]));
    const parameters = keep(
      await startParameterStore({
        parameters: fromConnector(STAGE, connector, secrets),
        // The account is whose configuration is pushed, or every message would fail from then on.
        onPut(name, value) {
          if (name === `/smsaero/${STAGE}/email`) account.email = value;
          if (name === `/smsaero/${STAGE}/apiKey`) account.apiKey = value;
          if (name === `/smsaero/${STAGE}/senderName`) account.senderNames.push(value);
        },
      }),
    );
    const identity = keep(await startCallerIdentity());
    const table = keep(await startTable(`smsaero-${STAGE}`, { stream: 'delivery#' }));
    const kms = keep(await startKms({ keys: [LOCAL_KEY_ARN] }));
    const deadLetters = `smsaero-${STAGE}-dead-letters`;
    const queues = keep(await startQueues({ port: queuePort, names: [COMMANDS, deadLetters], deadLetters }));
    const bus = keep(
      await startEventBus((event) => {
        requests.event(event['detail-type'], event.detail);
        options.onEvent?.(event);
        // As the rule in infra/events.yml.
        const isCommand = event['detail-type'] === 'sms.send.v1';
        if (isCommand)
          queues.send(COMMANDS, JSON.stringify(event)).catch((error) => onProblem(String(error)));
      }),
    );
    const lambdaPort = await freePort();
    const lambdaUrl = `http://127.0.0.1:${lambdaPort}`;
    const invoke = (name: string, event: unknown) =>
      invokeFunction(lambdaUrl, `smsaero-${STAGE}-${name}`, event);
    const userPool = keep(
      await startUserPool({ port: cognitoPort, kmsUrl: kms.url, invoke, onFailure: onProblem }),
    );
    const aws = {
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_SSM: parameters.url,
      AWS_ENDPOINT_URL_STS: identity.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      AWS_ENDPOINT_URL_KMS: kms.url,
      AWS_ENDPOINT_URL_SQS: queues.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
      AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
    };
    const apiUrl = `http://127.0.0.1:${port}`;
    const page = keep(
      await startPage({
        ...{ account, gates, templates, requests, port: inboxPort, apiUrl },
        environment: {
          ...aws,
          AWS_PROFILE: '', // else it would go before the keys
          AWS_CONFIG_FILE: devNull, // where FIPS or dual stack may be on, with which a client accepts no endpoint
          AWS_REGION: REGION,
          SMSAERO_GATES: gates.map(({ url }) => url).join(','),
          SMSAERO_REPORT_URL: `${apiUrl}/reports`,
        },
      }),
    );
    const api = keep(
      await startApi({
        port,
        host,
        innerPort: await freePort(),
        lambdaPort,
        stage: STAGE,
        gates: gates.map((gate) => gate.url),
        queuesUrl: queues.url,
        environment: aws,
        onLine(line) {
          requests.line(line);
          options.onLine?.(line);
        },
        onExchange: (exchange) => requests.answered(exchange),
      }),
    );
    await page.ready;
    // With the numbers of infra/functions/.
    const target = (name: string) => ({
      invoke: (event: unknown) => invoke(name, event),
      onError: (error: unknown) => onProblem(`${name}: ${(error as Error).message}`),
    });
    keep(pollQueue({ queues, name: COMMANDS, ...target('sms-queue') }));
    keep(pollStream({ stream: table.stream, retryDelayMs: 1_000, ...target('delivery-events') }));
    return { api, page, cognitoUrl: userPool.url, queues, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Below the range from which systems give ports to clients: one of those could have it before it is bound. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    const probe = await listen(createServer(), { port }).catch(() => undefined);
    await probe?.close();
    if (probe) return port;
  }
}
