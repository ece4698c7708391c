import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromConnector, startParameterStore } from '../../../local/parameter-store.ts';
import { createAccount } from '../../../local/simulator/index.ts';
import { createCertificate } from '../../support/certificate.ts';
import { CONNECTOR, LOGTO_SECRET, NO_LIMITS } from '../../support/connector.ts';
import { startFunction } from '../../support/function.ts';
import { postSms } from '../../support/stack.ts';
import { startTable } from '../../support/table.ts';
import { startGates } from './gates.ts';
import type { Plan, PlannedMessage } from './plan.ts';

const TABLE = 'smsaero-chaos';

/** Processes of the built function, with AWS and SMS Aero around them on loopback, all playing a plan. */
export type World = Awaited<ReturnType<typeof startWorld>>;

/** Starts a world for a plan. */
export async function startWorld(plan: Plan) {
  const { deadline, guardTimeout, functions: processes } = plan.options;
  const aws = new Map<string, number>();
  const count = (name: string, by = 1) => aws.set(name, (aws.get(name) ?? 0) + by);
  const certificate = await createCertificate();
  const { email, apiKey } = CONNECTOR;
  const account = createAccount({ email, apiKey, progress: 'frozen', balance: 10_000_000 });
  const parameters = await startParameterStore({
    parameters: fromConnector('chaos', CONNECTOR, { logto: LOGTO_SECRET }),
  });
  const failParameters = (times: number) => {
    if (times > 0) parameters.fail('throttle', times);
    count('Parameter Store throttled', times);
  };
  let refusals = 0;
  const gates = await startGates(account, plan, certificate, () => {
    refusals += 1; // a function that is refused reads its configuration again
    failParameters(plan.parameterFailures(refusals));
  });

  const table = await startTable(TABLE);
  const occurrences = new Map<string, number>();
  table.choose = (operation, call) => {
    const name = `${operation} ${call.key}`;
    occurrences.set(name, (occurrences.get(name) ?? 0) + 1);
    const failure = plan.tableFailure(call, occurrences.get(name) ?? 1);
    count('DynamoDB calls');
    if (failure) count(`DynamoDB ${failure}`);
    return failure;
  };

  const folder = await mkdtemp(join(tmpdir(), 'smsaero-chaos-'));
  const trusted = join(folder, 'trusted.pem');
  await writeFile(trusted, certificate.cert);
  failParameters(1); // the first read of one function
  const environment = {
    SMSAERO_CONFIG_PATH: '/smsaero/chaos',
    SMSAERO_GATES: gates.urls.join(','),
    SMSAERO_DEADLINE_MS: String(deadline),
    ...(guardTimeout === undefined ? {} : { SMSAERO_GUARD_TIMEOUT_MS: String(guardTimeout) }),
    // Repeats are what is tested. One limit stays on, out of reach, so that its slots are taken and released.
    ...NO_LIMITS,
    SMSAERO_LIMIT_RECIPIENT_10_MINUTES: '100',
    SMSAERO_TABLE: TABLE,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    AWS_ENDPOINT_URL_SSM: parameters.url,
    NODE_EXTRA_CA_CERTS: trusted,
  };
  const functions = await Promise.all(
    Array.from({ length: processes }, () => startFunction('sms-hook', environment, deadline + 3_000)),
  );

  return {
    account,
    gates,
    functions,
    /** Calls to AWS, and failures by kind. */
    aws,
    /** Asks one process for a message, as Logto's connector does. @throws if the answer is not HTTP, or not JSON */
    async ask({ number: to, code }: PlannedMessage, process: number) {
      const url = functions[process]?.url ?? '';
      const { body, ...reply } = await postSms(url, 'logto', { to, payload: { code } });
      return { ...reply, body: JSON.parse(body) as { code?: string; messageId?: string } };
    },
    /** A new API key, first at SMS Aero and then in Parameter Store. */
    rotate() {
      account.apiKey = `${apiKey.slice(0, -8)}_rotated`;
      parameters.put('/smsaero/chaos/apiKey', account.apiKey);
    },
    async close() {
      count('Parameter Store calls', parameters.calls.length);
      await Promise.all(functions.map((each) => each.close()));
      await Promise.all([gates.close(), parameters.close(), table.close()]);
      await rm(folder, { recursive: true });
    },
  };
}
