import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromConnector, type ParameterStore, startParameterStore } from '../../local/parameter-store.ts';
import { createAccount, startGate } from '../../local/simulator/index.ts';
import { createCertificate } from './certificate.ts';
import { CONNECTOR, DIRECT_SECRET, LOGTO_SECRET, newNumber, SECRETS } from './connector.ts';
import { type Reply, startFunction } from './function.ts';
import { startTable } from './table.ts';

export { CONNECTOR, DIRECT_SECRET, LOGTO_SECRET, newNumber, SECRETS };

const TABLE = 'smsaero-test';

/** The environment of functions that have time on a busy machine, for stacks in which nothing waits until a deadline. */
export const TIME_ENOUGH = {
  environment: { SMSAERO_GUARD_TIMEOUT_MS: '5000', SMSAERO_DEADLINE_MS: '25000' },
  remaining: 60_000,
} as const;

/** How a stack differs from the usual one: one gate over plain HTTP, default environment. */
export interface StackOptions {
  readonly gates?: number;
  readonly https?: boolean;
  /** The function to run, or the URL of its module. Default: `sms-hook`. */
  readonly function?: string | URL;
  /** What an invocation is told to have left, in ms. Default: 5,000. */
  readonly remaining?: number;
  /** Whether the function has a guard's table. */
  readonly guard?: boolean;
  readonly environment?: Record<string, string>;
  /** Prepares Parameter Store before the function starts. */
  readonly prepare?: (parameters: ParameterStore) => void;
}

/** Posts a request for a number and a code, as Logto's connector or one's own backend does; fields of `changes` replace those of the body. */
export async function postSms(
  url: string,
  platform: keyof typeof SECRETS,
  changes: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`${url}/sms/${platform}`, {
    method: 'POST',
    headers: { authorization: SECRETS[platform], 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ to: '79031234567', type: 'SignIn', payload: { code: '482913' }, ...changes }),
  });
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

/** Everything around one running `sms-hook`: AWS and SMS Aero on loopback. */
export type Stack = Awaited<ReturnType<typeof startStack>>;

/** Starts a stack on free ports. */
export async function startStack(options: StackOptions = {}) {
  const certificate = options.https ? await createCertificate() : undefined;
  const account = createAccount({ email: CONNECTOR.email, apiKey: CONNECTOR.apiKey, progress: 'frozen' });
  const gates = await Promise.all(
    Array.from({ length: options.gates ?? 1 }, (_, index) =>
      startGate(account, { name: `gate-${index + 1}`, ...(certificate && { tls: certificate }) }),
    ),
  );
  const parameters = await startParameterStore({
    parameters: fromConnector('test', CONNECTOR, { logto: LOGTO_SECRET }),
  });
  options.prepare?.(parameters);
  const folder = await mkdtemp(join(tmpdir(), 'smsaero-'));
  const trusted = join(folder, 'trusted.pem');
  await writeFile(trusted, certificate?.cert ?? '');

  const table = options.guard ? await startTable(TABLE) : undefined;
  const variables = {
    SMSAERO_CONFIG_PATH: '/smsaero/test',
    SMSAERO_GATES: gates.map(({ url }) => url).join(','),
    AWS_ENDPOINT_URL_SSM: parameters.url,
    ...(certificate && { NODE_EXTRA_CA_CERTS: trusted }),
    ...(table ? { SMSAERO_TABLE: TABLE, AWS_ENDPOINT_URL_DYNAMODB: table.url } : {}),
    ...options.environment,
  };
  const hook = await startFunction(options.function ?? 'sms-hook', variables, options.remaining);

  return {
    account,
    gates,
    parameters,
    hook,
    /** The guard's table; there with `guard: true`. */
    get table() {
      if (!table) throw new Error('This stack was started without a guard');
      return table;
    },
    logto: (changes?: Record<string, unknown>, headers?: Record<string, string>) =>
      postSms(hook.url, 'logto', changes, headers),
    async close() {
      await hook.close();
      await Promise.all([...gates.map((gate) => gate.close()), parameters.close(), table?.close()]);
      await rm(folder, { recursive: true });
    },
  };
}
