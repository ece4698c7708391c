import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import connector from '../../local/connector.json' with { type: 'json' };
import { fromConnector, startParameterStore } from '../../local/parameter-store/index.ts';
import { createAccount, startGate } from '../../local/simulator/index.ts';
import { createCertificate } from '../../tests/support/certificate.ts';

const SECRET = 'Bearer loopback-benchmark';

/** AWS and SMS Aero on loopback, for functions in processes of their own. */
export interface StandIns {
  /** Environment variables of a function that works with them, and no others. */
  environment: Record<string, string>;
  /** How many messages reached the gate. */
  messages(): number;
  close(): Promise<void>;
}

/** Starts Parameter Store and one HTTPS gate on free ports. */
export async function startStandIns(): Promise<StandIns> {
  const certificate = await createCertificate();
  const account = createAccount({ ...connector, balance: 1_000_000, progress: 'frozen' });
  const gate = await startGate(account, { tls: certificate });
  const parameters = await startParameterStore({
    parameters: fromConnector('bench', connector, { logto: SECRET }),
  });
  const folder = await mkdtemp(join(tmpdir(), 'smsaero-bench-'));
  const trusted = join(folder, 'trusted.pem');
  await writeFile(trusted, certificate.cert);
  return {
    environment: {
      SMSAERO_CONFIG_PATH: '/smsaero/bench',
      SMSAERO_GATES: gate.url,
      AWS_ENDPOINT_URL_SSM: parameters.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      NODE_EXTRA_CA_CERTS: trusted,
    },
    messages: () => account.ledger.length,
    async close() {
      await Promise.all([gate.close(), parameters.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** What API Gateway (HTTP API, payload 2.0) makes of one request of Logto's HTTP SMS connector. */
export const logtoEvent = (code: string) => ({
  version: '2.0',
  routeKey: 'POST /sms/{platform}',
  rawPath: '/sms/logto',
  rawQueryString: '',
  headers: { authorization: SECRET, 'content-type': 'application/json' },
  requestContext: {
    stage: '$default',
    http: { method: 'POST', path: '/sms/logto', sourceIp: '198.51.100.7' },
  },
  body: JSON.stringify({ to: '79031234567', type: 'SignIn', payload: { code, locale: 'ru' } }),
  isBase64Encoded: false,
});
