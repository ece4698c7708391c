import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { type Api, startApi } from './api.ts';
import { LOCAL_KEY_ARN, startUserPool, type UserPool } from './cognito/index.ts';
import { type Inbox, startInbox } from './inbox/index.ts';
import { startKms } from './kms/index.ts';
import { listen } from './loopback.ts';
import { type ConnectorJson, fromConnector, startParameterStore } from './parameter-store/index.ts';
import { createAccount, startGate } from './simulator/index.ts';
import { startTable } from './table/index.ts';

/** The stage that the local stack plays; its parameters lie below `/smsaero/local`. */
const STAGE = 'local';

/** Logto's caller secret on the local stack. It protects nothing: the stack listens on loopback alone. */
export const LOCAL_SECRET = 'Bearer local-development';

/** Where the stack listens, and who hears of its lines. */
export interface LocalStackOptions {
  readonly port: number;
  readonly inboxPort: number;
  readonly cognitoPort: number;
  readonly onLine: (line: string) => void;
}

/** The running stack. */
export interface LocalStack {
  readonly api: Api;
  readonly inbox: Inbox;
  readonly userPool: UserPool;
  close(): Promise<void>;
}

/**
 * Starts all that a message meets: SMS Aero (two gates of one account), Parameter Store with `local/connector.json`, the
 * guard's table, the phone inbox, a Cognito user pool with its KMS key, and the API with the functions.
 *
 * @throws Error that says which port is in use, or what the API printed before it ended
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { port, inboxPort, cognitoPort, onLine } = options;
  const running: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(running.map((part) => part.close()));
  };
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    running.push(part);
    return part;
  };
  try {
    await assertFree(port);
    const connector = JSON.parse(
      await readFile(new URL('connector.json', import.meta.url), 'utf8'),
    ) as ConnectorJson;
    const account = createAccount({ ...connector, senderNames: [connector.senderName], balance: 1_000 });
    const gates = [
      keep(await startGate(account, { name: 'first' })),
      keep(await startGate(account, { name: 'second' })),
    ];
    const inbox = keep(
      await startInbox({ account, gates, port: inboxPort, apiUrl: `http://127.0.0.1:${port}` }),
    );
    const parameters = keep(
      await startParameterStore({ parameters: fromConnector(STAGE, connector, { logto: LOCAL_SECRET }) }),
    );
    const table = keep(await startTable(`smsaero-${STAGE}`));
    const kms = keep(await startKms({ keys: [LOCAL_KEY_ARN] }));
    const lambdaPort = await freePort();
    const userPool = keep(
      await startUserPool({
        port: cognitoPort,
        kms,
        lambdaUrl: `http://127.0.0.1:${lambdaPort}`,
        prefix: `smsaero-${STAGE}`,
        onFailure: onLine,
      }),
    );
    const api = keep(
      await startApi({
        port,
        lambdaPort,
        stage: STAGE,
        gates: gates.map((gate) => gate.url),
        parameterStoreUrl: parameters.url,
        tableUrl: table.url,
        kmsUrl: kms.url,
        onLine,
      }),
    );
    return { api, inbox, userPool, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Finds out before anything else starts, since serverless-offline's own message for a busy port is long. */
async function assertFree(port: number): Promise<void> {
  await (await listen(createServer(), { port })).close();
}

async function freePort(): Promise<number> {
  const probe = await listen(createServer());
  await probe.close();
  return probe.port;
}
