import assert from 'node:assert/strict';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { listen } from '../../../local/loopback.ts';
import {
  fromConnector,
  LOCAL_HASH_KEY,
  type ParameterStore,
  startParameterStore,
} from '../../../local/parameter-store.ts';
import { type Account, createAccount, type Gate, startGate } from '../../../local/simulator/index.ts';
import { type CommandLine, openCommandLine } from '../../support/cli.ts';
import { startFunction } from '../../support/function.ts';
import { CONNECTOR, LOGTO_SECRET } from '../../support/stack.ts';
import { startTable, type TableStandIn } from '../../support/table.ts';

interface Printed {
  readonly ok: boolean;
  readonly findings: readonly { check: string; status: string; detail: string; todo?: string }[];
}

/** Lambda's API, with the functions that are deployed by name: configuration, and answer to an event. */
interface Functions {
  [name: string]: { environment?: Record<string, string>; answer?: (event: unknown) => unknown };
}

async function startLambda(functions: Functions) {
  const server = http.createServer(async (request, response) => {
    const [, name = '', what] = /\/functions\/([\w-]+)\/(\w+)/.exec(request.url ?? '') ?? [];
    const deployed = functions[name];
    const body = await text(request);
    if (!deployed) {
      response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' });
      response.end(JSON.stringify({ Type: 'User', Message: `Function not found: ${name}` }));
    } else if (what === 'configuration') {
      response.end(
        JSON.stringify({ State: 'Active', Environment: { Variables: deployed.environment ?? {} } }),
      );
    } else {
      const answer = await deployed.answer?.(JSON.parse(body));
      if (!answer) response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify(answer ?? { errorMessage: 'x' }));
    }
  });
  const { authority, close } = await listen(server);
  return { url: `http://${authority}`, close };
}

describe('doctor', () => {
  let store: ParameterStore;
  let account: Account;
  let gates: Gate[];
  let table: TableStandIn;
  let cli: CommandLine;
  let lambda: { url: string; close(): Promise<void> };
  let reports: { authority: string; close(): Promise<void> };
  const functions: Functions = {};
  let reportAnswer: string;

  before(async () => {
    store = await startParameterStore({
      parameters: {
        ...fromConnector('test', CONNECTOR, { logto: LOGTO_SECRET }),
        ...fromConnector('bad', { ...CONNECTOR, email: 'nobody' }, { logto: 'short' }),
      },
    });
    account = createAccount({ email: CONNECTOR.email, apiKey: CONNECTOR.apiKey });
    gates = [await startGate(account), await startGate(account)];
    table = await startTable('smsaero-test', { stream: 'delivery#' });
    lambda = await startLambda(functions);
    reports = await listen(http.createServer((_request, response) => response.end(reportAnswer)));
    cli = await openCommandLine({
      AWS_ENDPOINT_URL_SSM: store.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    });
  });
  beforeEach(() => {
    reportAnswer = '';
    account.balance = 1_000;
    for (const name of Object.keys(functions)) delete functions[name];
    functions['smsaero-test-sms-hook'] = {
      environment: {
        SMSAERO_GATES: gates.map(({ url }) => url).join(','),
        SMSAERO_REPORT_URL: `http://${reports.authority}/reports`,
      },
    };
    functions['smsaero-test-account-monitor'] = {
      answer: (event) =>
        (event as { diagnose?: boolean }).diagnose && {
          gates: [{ gate: 'gate.smsaero.org', ok: true, ms: 31 }],
          balance: 1_000,
          configuration: 'ok',
        },
    };
  });
  afterEach(() => {
    for (const gate of gates) gate.faults.clear();
  });
  after(async () => {
    await Promise.all([cli, lambda, reports, table, store, ...gates].map((part) => part.close()));
  });

  /** Ports and milliseconds differ from run to run. */
  const steady = (line: string) =>
    line.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST').replaceAll(/\b\d+ ms\b/g, 'N ms');
  async function findings(...args: string[]): Promise<{ exitCode: number; found: string[] }> {
    const { exitCode, output, problems } = await cli.run(['doctor', '--stage', 'test', '--json', ...args]);
    assert.equal(problems, '');
    const { findings: all, ok } = JSON.parse(output) as Printed;
    assert.equal(ok, exitCode === 0);
    return {
      exitCode,
      found: all.map(({ check, status, detail }) => steady(`${status} ${check}: ${detail}`)),
    };
  }

  it('lists what works', async () => {
    const { exitCode, output } = await cli.run(['doctor', '--stage', 'test']);
    assert.equal(exitCode, 0, output);
    assert.deepEqual(output.split('\n').map(steady), [
      'pass  AWS credentials: account 000000000000, caller arn:aws:iam::000000000000:user/local, region eu-central-1, stage test',
      ...['pass  parameters: 6 parameters below /smsaero/test', 'pass  templates: 5, each of one segment'],
      ...['pass  caller secrets: logto: 1', 'pass  functions: smsaero-test-sms-hook is deployed'],
      'pass  gate HOST: takes the credentials, N ms from here',
      ...['pass  gate HOST: takes the credentials, N ms from here', 'pass  balance: 1000.00 RUB'],
      'warn  sender name SMSAero: shared by all accounts: operators may reject codes under it, and SMS Aero looks at messages by hand until there is a contract',
      '      to do: register a sender name for your service in the cabinet, and sign a contract; then npm run smsaero -- config push',
      'pass  table: smsaero-test, with time to live, stream and index',
      'pass  client addresses: none in the last 24 hours that could not be counted',
      ...['pass  reports: http://HOST/reports answers', 'pass  from Lambda: configuration: read and valid'],
      'pass  from Lambda: gate gate.smsaero.org: takes the credentials, N ms',
      ...['pass  from Lambda: balance: 1000.00 RUB', '', 'test: 0 failures, 1 warning', ''],
    ]);
    assert.equal(account.ledger.length, 0);
  });

  it('warns of a stage without a hash key, and says what to do', async () => {
    store.delete('/smsaero/test/hashKey');
    const { exitCode, output } = await cli.run(['doctor', '--stage', 'test']);
    store.put('/smsaero/test/hashKey', LOCAL_HASH_KEY, 'SecureString');
    assert.equal(exitCode, 0, output);
    assert.deepEqual(output.split('\n').slice(2, 4), [
      'warn  hashKey: missing, so that the API key keys what is known of sent messages: while it is changed, a repeat is sent again, and reports under way are lost',
      '      to do: npm run smsaero -- config push connector.json --stage test --region eu-central-1, before the API key is changed: it makes one',
    ]);
  });

  // tests/unit/cli/doctor.test.ts has a table without a time to live, and what else may be missing.
  it('fails for a table without a stream, and says what to do', async () => {
    const bare = await startTable('smsaero-test');
    const { exitCode, output } = await cli.run(['doctor', '--stage', 'test'], {
      AWS_ENDPOINT_URL_DYNAMODB: bare.url,
    });
    await bare.close();
    assert.equal(exitCode, 1, output);
    assert.deepEqual(output.match(/^fail .*\n.*$/gm), [
      'fail  table: smsaero-test has no stream of new and old images: nobody is notified of deliveries\n      to do: npx serverless deploy --stage test --region eu-central-1',
    ]);
  });

  it('warns of client addresses that the functions could not count', async () => {
    const client = new DynamoDBClient({
      endpoint: table.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const notice = (problem: string) => ({ S: `${problem} ${Math.floor(Date.now() / 1000) - 3 * 3_600}` });
    const item = { logto: notice('private'), direct: notice('unparseable') };
    const pk = { S: 'notice#addresses' };
    await client.send(new PutItemCommand({ TableName: 'smsaero-test', Item: { pk, ...item } }));
    const { exitCode, output } = await cli.run(['doctor', '--stage', 'test']);
    await client.send(new DeleteItemCommand({ TableName: 'smsaero-test', Key: { pk } }));
    assert.equal(exitCode, 0, output);
    const held = 'the limit by address does not hold for those messages';
    assert.deepEqual(output.split('\n').slice(11, 15), [
      `warn  client addresses: direct gives addresses that cannot be read (3 h ago): ${held}`,
      "      to do: pass the address of the person's device as `ip`, one IPv4 or IPv6 address",
      `warn  client addresses: logto gives addresses that are private (3 h ago): ${held}`,
      '      to do: set TRUST_PROXY_HEADER=1 in Logto, and have its proxy pass X-Forwarded-For on',
    ]);
    const away = await cli.run(['doctor', '--stage', 'empty']);
    assert.match(away.output, /^skip {2}client addresses: the notices in the table cannot be read/m);
  });

  it('asks the deployed monitor', async () => {
    const monitor = await startFunction('account-monitor', {
      SMSAERO_CONFIG_PATH: '/smsaero/test',
      SMSAERO_GATES: gates.map(({ url }) => url).join(','),
      SMSAERO_TABLE: 'smsaero-test',
      AWS_ENDPOINT_URL_SSM: store.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
    });
    functions['smsaero-test-account-monitor'] = { answer: (event) => monitor.invoke(event) };
    const { found } = await findings();
    await monitor.close();
    assert.deepEqual(found.slice(-5), [
      'pass from Lambda: configuration: read and valid',
      'pass from Lambda: gate HOST: takes the credentials, N ms',
      'pass from Lambda: gate HOST: takes the credentials, N ms',
      'pass from Lambda: balance: 1000.00 RUB',
      'warn from Lambda: sender name: shared by all accounts: operators may reject codes under it, and SMS Aero looks at messages by hand until there is a contract',
    ]);
  });

  it('tells the gates apart, and warns of a low balance', async () => {
    gates[0]?.faults.order({ fault: 'bad_gateway_html', method: 'auth' });
    account.balance = 120;
    const { found } = await findings('--low-balance', '200');
    assert.deepEqual(found.slice(5, 8), [
      'warn gate HOST: no answer from here (HTTP_502); another gate works',
      'pass gate HOST: takes the credentials, N ms from here',
      'warn balance: 120.00 RUB, below 200',
    ]);
  });

  it('says when SMS Aero does not take the credentials', async () => {
    for (const gate of gates) gate.faults.order({ fault: 'unauthorized', method: 'auth' });
    const { exitCode, found } = await findings();
    assert.equal(exitCode, 1);
    assert.deepEqual(found.slice(5, 8), [
      'fail gate HOST: SMS Aero does not take the e-mail and the API key',
      'fail gate HOST: SMS Aero does not take the e-mail and the API key',
      'skip account: no gate works',
    ]);
  });

  it('looks up the sender name of each country', async () => {
    store.put('/smsaero/test/senderNames', '{"KZ":"MyShopKZ","BY":"SMSAero","RU":"MyShop"}');
    account.senderNames.push('MyShopKZ');
    const { exitCode, found } = await findings();
    account.senderNames.pop();
    store.put('/smsaero/test/senderNames', '{}');
    assert.equal(exitCode, 1);
    assert.deepEqual(
      found.filter((finding) => finding.includes('sender name')).map((finding) => finding.slice(0, 70)),
      [
        'warn sender name SMSAero: shared by all accounts: operators may reject ',
        'pass sender name MyShopKZ for KZ: approved',
        'warn sender name SMSAero for BY: shared by all accounts: operators may ',
        'fail sender name MyShop for RU: not among the names of the account, so ',
      ].map((finding) => finding.slice(0, 70)),
    );
  });

  it('says when reports would not arrive', async () => {
    reportAnswer = '<html>';
    const { found } = await findings();
    assert.equal(
      found.find((finding) => / reports:/.test(finding)),
      'fail reports: http://HOST/reports answers 200 with a body, where 200 and nothing is right',
    );
    functions['smsaero-test-sms-hook'] = { environment: { SMSAERO_GATES: gates[0]?.url ?? '' } };
    const none = await findings();
    assert.equal(
      none.found.find((finding) => / reports:/.test(finding)),
      'warn reports: SMS Aero is asked for none, so that deliveries are known minutes later',
    );
  });

  it('says what is not deployed, and what failed', async () => {
    functions['smsaero-test-account-monitor'] = {};
    assert.equal(
      (await findings()).found.at(-1),
      'fail from Lambda: smsaero-test-account-monitor failed (Unhandled)',
    );
    delete functions['smsaero-test-account-monitor'];
    delete functions['smsaero-test-sms-hook'];
    const { found } = await findings();
    assert.deepEqual(
      [found[4], ...found.slice(-2)],
      [
        'fail functions: smsaero-test-sms-hook does not exist',
        'skip reports: their URL is not known: say --report-url',
        'skip from Lambda: smsaero-test-account-monitor is not deployed',
      ],
    );
    const told = await findings('--report-url', `http://${reports.authority}/told`);
    assert.equal(told.found.at(-2), 'pass reports: http://HOST/told answers');
  });

  it('prints JSON whatever is wrong, and says what to do about that', async () => {
    const doctor = async (environment: Record<string, string>) => {
      const { output } = await cli.run(['doctor', '--stage', 'test', '--json'], environment);
      return (JSON.parse(output) as Printed).findings;
    };
    const gates = await doctor({ SMSAERO_GATES: 'gate.smsaero.org' });
    const wrong = gates.find(({ check }) => check === 'SMS Aero');
    assert.deepEqual([wrong?.status, wrong?.todo?.slice(0, 21)], ['fail', 'correct SMSAERO_GATES']);
    assert.match(wrong?.detail ?? '', /SMSAERO_GATES/);
    store.fail('access_denied');
    const denied = (await doctor({})).find(({ check }) => check === 'parameters');
    store.fail(undefined);
    assert.match(denied?.todo ?? '', /^allow ssm:GetParametersByPath on \/smsaero\/test/);
    const away = await doctor({ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' });
    assert.equal(away.find(({ check }) => check === 'table')?.todo, 'correct that, then run this again');
  });

  it('goes on without a configuration, and without credentials', async () => {
    const bad = await cli.run(['doctor', '--stage', 'bad', '--json']);
    const { findings: found } = JSON.parse(bad.output) as Printed;
    assert.deepEqual(found.map(({ check, status, detail }) => `${status} ${check}: ${detail}`).slice(1, 4), [
      'fail parameters: /smsaero/bad/email is not an e-mail address',
      'fail functions: smsaero-bad-sms-hook does not exist',
      'skip SMS Aero: without a configuration there is nothing to ask with',
    ]);
    const empty = await cli.run(['doctor', '--stage', 'empty']);
    assert.match(
      empty.output,
      /^fail {2}parameters: nothing below \/smsaero\/empty\n {6}to do: npm run smsaero -- config push/m,
    );
    const unknown = await cli.run(['doctor', '--stage', 'empty'], {
      AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
      AWS_MAX_ATTEMPTS: '1',
    });
    assert.match(
      unknown.output,
      /^warn {2}AWS credentials: there, region eu-central-1, stage empty; AWS does not say whose account this is: .*\n {6}to do: let this machine reach sts\.eu-central-1\.amazonaws\.com/,
    );
    const nobody = await cli.run(['doctor', '--stage', 'test'], {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    assert.deepEqual(
      [
        nobody.exitCode,
        nobody.output.split('\n')[0]?.slice(0, 40),
        nobody.output.trimEnd().split('\n').at(-1),
      ],
      [1, 'fail  AWS credentials: No AWS credential', 'test: 1 failure, 0 warnings'],
    );
  });
});
