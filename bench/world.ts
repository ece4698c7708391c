import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LOCAL_KEY_ARN } from '../local/cognito/user-pool.ts';
import connector from '../local/connector.json' with { type: 'json' };
import { startKms } from '../local/kms.ts';
import { fromConnector, startParameterStore } from '../local/parameter-store.ts';
import { createAccount, startGate } from '../local/simulator/index.ts';
import { startTable } from '../local/table.ts';
import { createCertificate } from '../tests/support/certificate.ts';

/** The secret of the caller in every event. */
export const SECRET = 'Bearer loopback-benchmark';

const PATH = '/smsaero/bench';
const TABLE = 'smsaero-bench';
/** The table of rate-limiter-flexible, whose key has another name. */
const LIMITS_TABLE = 'smsaero-bench-limits';

/** AWS and SMS Aero on loopback: the same for all subjects. */
export interface World {
  /** Environment variables of every subject. */
  readonly environment: Readonly<Record<string, string>>;
  /** Those that turn our guard on. */
  readonly guard: Readonly<Record<string, string>>;
  readonly kmsUrl: string;
  /** How many messages reached the gate and were accepted. */
  messages(): number;
  close(): Promise<void>;
}

/** Starts an HTTPS gate, Parameter Store, DynamoDB and KMS on free ports. */
export async function startWorld(): Promise<World> {
  const certificate = await createCertificate({ names: ['gate.smsaero.ru'] });
  const account = createAccount({ ...connector, balance: 1e9, progress: 'frozen' });
  const gate = await startGate(account, { tls: certificate });
  const parameters = await startParameterStore({
    parameters: fromConnector('bench', connector, { logto: SECRET }),
  });
  const table = await startTable(TABLE);
  await createLimitsTable(table.url);
  const kms = await startKms({ keys: [LOCAL_KEY_ARN] });
  const folder = await mkdtemp(join(tmpdir(), 'smsaero-bench-'));
  const trusted = join(folder, 'trusted.pem');
  await writeFile(trusted, certificate.cert);
  return {
    environment: {
      BENCH_GATE_PORT: String(gate.port),
      BENCH_LOADED_AT_READ_OF: 'SMSAERO_CONFIG_PATH',
      BENCH_TABLE: TABLE,
      BENCH_LIMITS_TABLE: LIMITS_TABLE,
      BENCH_EMAIL: connector.email,
      BENCH_API_KEY: connector.apiKey,
      NODE_EXTRA_CA_CERTS: trusted,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9', // nothing else of AWS answers: the discard port
      SMSAERO_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/bench',
      SMSAERO_DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/bench-failed',
      AWS_ENDPOINT_URL_SSM: parameters.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      AWS_ENDPOINT_URL_KMS: kms.url,
      SMSAERO_CONFIG_PATH: PATH,
      SMSAERO_GATES: 'https://gate.smsaero.ru/v2',
      AWS_XRAY_CONTEXT_MISSING: 'IGNORE_ERROR', // the tracer of peer 3 would write a stack for each call while it initialises
      SMSAERO_COGNITO_KEY_ARN: LOCAL_KEY_ARN,
    },
    guard: {
      SMSAERO_TABLE: TABLE,
      SMSAERO_LIMIT_TOTAL_HOUR: '10000000', // the ceiling is counted, and never reached
      SMSAERO_GUARD_TIMEOUT_MS: '5000', // a slow table must not look like a fast guard
    },
    kmsUrl: kms.url,
    messages: () => account.ledger.filter(({ outcome }) => outcome === 'accepted').length,
    async close() {
      await Promise.all([gate.close(), parameters.close(), table.close(), kms.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

async function createLimitsTable(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials });
  await client.send(
    new CreateTableCommand({
      TableName: LIMITS_TABLE,
      AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  client.destroy();
}
