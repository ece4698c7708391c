import assert from 'node:assert/strict';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { listen } from '../../../local/loopback.ts';
import { fromConnector, LOCAL_HASH_KEY, startParameterStore } from '../../../local/parameter-store.ts';
import { createAccount, startGate } from '../../../local/simulator/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { openCommandLine } from '../../support/cli.ts';
import { CONNECTOR, LOGTO_SECRET } from '../../support/connector.ts';
import { startTable } from '../../support/table.ts';

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

useAwsStandIns();

describe('doctor', async () => {
  const functions: Functions = {};
  let reportAnswer: string;
  const store = await startParameterStore({
    parameters: {
      ...fromConnector('test', CONNECTOR, { logto: LOGTO_SECRET }),
      ...fromConnector('bad', { ...CONNECTOR, email: 'nobody' }, { logto: 'short' }),
    },
  });
  const account = createAccount({ email: CONNECTOR.email, apiKey: CONNECTOR.apiKey });
  const gates = [await startGate(account), await startGate(account)];
  const table = await startTable('smsaero-test', { stream: 'delivery#' });
  const lambda = await startLambda(functions);
  const reports = await listen(http.createServer((_request, response) => response.end(reportAnswer)));
  const cli = await openCommandLine({
    AWS_ENDPOINT_URL_SSM: store.url,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
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
  const steady = (text: string) =>
    text.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST').replaceAll(/\b\d+ ms\b/g, 'N ms');
  /** Its list for people, once. */
  async function printed(environment: Record<string, string> = {}, stage = 'test') {
    const { exitCode, output } = await cli.run(['doctor', '--stage', stage], environment);
    return { exitCode, output: steady(output) };
  }
  /** Its findings in JSON, each in a line, with the exit code behind them. */
  async function findings(args: readonly string[] = [], environment: Record<string, string> = {}) {
    const command = ['doctor', '--stage', 'test', '--json', ...args];
    const { exitCode, output, problems } = await cli.run(command, environment);
    assert.equal(problems, '');
    const { findings: all, ok } = JSON.parse(output) as Printed;
    assert.equal(ok, exitCode === 0);
    const lines = all.map(({ check, status, detail }) => steady(`${status} ${check}: ${detail}`));
    return { exitCode, lines, todoOf: (name: string) => all.find(({ check }) => check === name)?.todo ?? '' };
  }

  it('lists what works', async () => {
    const { exitCode, output } = await printed();
    assert.equal(exitCode, 0, output);
    assert.deepEqual(output.split('\n'), [
      'pass  AWS credentials: account 000000000000, caller arn:aws:iam::000000000000:user/local, region eu-central-1, stage test',
      ...['pass  parameters: 6 parameters below /smsaero/test', 'pass  templates: 5, each of one segment'],
      ...['pass  caller secrets: logto: 1', 'pass  functions: smsaero-test-sms-hook is deployed'],
      'pass  gate HOST: accepts the credentials, N ms',
      ...['pass  gate HOST: accepts the credentials, N ms', 'pass  balance: 1000.00 RUB'],
      'warn  sender name SMSAero: shared by all accounts: operators may reject codes under it, and SMS Aero looks at messages by hand until there is a contract',
      '      to do: register a sender name for your service in the cabinet, and sign a contract; then npm run smsaero -- config push',
      'pass  table: smsaero-test, with time to live, stream and index',
      'pass  client addresses: all of the last 24 hours could be counted',
      ...['pass  reports: http://HOST/reports answers', 'pass  from Lambda: configuration: read and valid'],
      'pass  from Lambda: gate gate.smsaero.org: accepts the credentials, N ms',
      ...['pass  from Lambda: balance: 1000.00 RUB', '', 'test: 0 failures, 1 warning', ''],
    ]);
    assert.equal(account.ledger.length, 0);
  });

  it('warns of what works worse: no hash key, two secrets, client addresses that could not be counted', async (t) => {
    const client = new DynamoDBClient({ endpoint: table.url });
    const notice = { S: `private ${Math.floor(Date.now() / 1000) - 3 * 3_600}` };
    const Item = { pk: { S: 'notice#addresses' }, logto: notice };
    await client.send(new PutItemCommand({ TableName: 'smsaero-test', Item }));
    store.delete('/smsaero/test/hashKey');
    store.put('/smsaero/test/platforms/logto', `${LOGTO_SECRET}\n${LOGTO_SECRET}2`);
    store.put('/smsaero/test/platforms/logtoo', LOGTO_SECRET);
    store.put('/smsaero/test/platforms/supabase', LOGTO_SECRET);
    t.after(async () => {
      await client.send(new DeleteItemCommand({ TableName: 'smsaero-test', Key: { pk: Item.pk } }));
      store.put('/smsaero/test/hashKey', LOCAL_HASH_KEY, 'SecureString');
      store.put('/smsaero/test/platforms/logto', LOGTO_SECRET);
      for (const name of ['logtoo', 'supabase']) store.delete(`/smsaero/test/platforms/${name}`);
    });
    const { exitCode, output } = await printed();
    assert.equal(exitCode, 1, output);
    const stage = '--stage test --region eu-central-1';
    for (const said of [
      'warn  hashKey: missing: when the API key changes, the stage forgets what it sent, so repeats are sent again and reports about earlier messages are lost',
      `      to do: npm run smsaero -- config push connector.json ${stage}, before the API key is changed: it makes one`,
      'warn  caller secrets: logto: 2, so a rotation is under way',
      `      to do: npm run smsaero -- secret remove logto ${stage}`,
      'warn  caller secrets: logtoo is not a platform of this version',
      'warn  client addresses: logto gives addresses that are private (3 h ago): the limit by address does not hold for those messages',
      '      to do: set TRUST_PROXY_HEADER=1 in Logto, and have its proxy pass X-Forwarded-For on',
    ]) {
      assert.ok(output.includes(`${said}\n`), output);
    }
    assert.match(output, /^fail {2}caller secrets: supabase has a secret that must be v1,whsec_/m);
  });

  it('tells the gates apart, and warns of a low balance', async () => {
    const gatesOf = async () => (await findings(['--low-balance', '200'])).lines.slice(5, 8);
    gates[0]?.faults.order({ fault: 'bad_gateway_html', method: 'auth' });
    account.balance = 120;
    assert.deepEqual(await gatesOf(), [
      'warn gate HOST: does not work (HTTP_502); another gate does',
      'pass gate HOST: accepts the credentials, N ms',
      'warn balance: 120.00 RUB, below 200',
    ]);
    gates[0]?.faults.order({ fault: 'unauthorized', method: 'auth' });
    gates[1]?.faults.order({ fault: 'bad_gateway_html', method: 'auth' });
    assert.deepEqual(await gatesOf(), [
      'fail gate HOST: does not work (unauthorized: SMS Aero refuses the e-mail address and the API key)',
      'fail gate HOST: does not work (HTTP_502)',
      'warn balance: no answer from SMS Aero (unauthorized)',
    ]);
  });

  it('fails for a gate that refuses, though another works: a message that it refuses goes to no other', async () => {
    gates[0]?.faults.order({ fault: 'unauthorized', method: 'auth' });
    const { exitCode, lines } = await findings();
    assert.deepEqual(lines.slice(5, 7), [
      'fail gate HOST: does not work (unauthorized: SMS Aero refuses the e-mail address and the API key)',
      'pass gate HOST: accepts the credentials, N ms',
    ]);
    assert.equal(exitCode, 1);
  });

  it('looks up the sender name of each country', async () => {
    store.put('/smsaero/test/senderNames', '{"KZ":"MyShopKZ","RU":"MyShop"}');
    account.senderNames.push('MyShopKZ');
    const { lines } = await findings();
    account.senderNames.pop();
    store.put('/smsaero/test/senderNames', '{}');
    assert.deepEqual(
      lines.filter((line) => / sender name .* for /.test(line)),
      [
        'pass sender name MyShopKZ for KZ: approved',
        'fail sender name MyShop for RU: not one of the names of the account: every message is refused',
      ],
    );
  });

  it('says when reports would not arrive', async () => {
    const reportsOf = async (...args: string[]) =>
      (await findings(args)).lines.find((line) => / reports:/.test(line));
    reportAnswer = '<html>';
    assert.equal(
      await reportsOf(),
      'fail reports: http://HOST/reports answers 200 with a body, where 200 and nothing is right',
    );
    const away = await reportsOf('--report-url', 'http://127.0.0.1:1/x');
    assert.match(away ?? '', /^fail reports: http:\/\/HOST\/x cannot be reached \(\w+\)$/);
    functions['smsaero-test-sms-hook'] = { environment: { SMSAERO_GATES: gates[0]?.url ?? '' } };
    assert.equal(
      await reportsOf(),
      'warn reports: SMS Aero sends none, so delivery statuses arrive minutes later',
    );
  });

  it('says what is not deployed, and what failed', async () => {
    functions['smsaero-test-account-monitor'] = {};
    assert.equal(
      (await findings()).lines.at(-1),
      'fail from Lambda: smsaero-test-account-monitor failed (Unhandled)',
    );
    for (const name of Object.keys(functions)) delete functions[name];
    const { lines } = await findings();
    assert.deepEqual(
      [lines[4], ...lines.slice(-2)],
      [
        'fail functions: smsaero-test-sms-hook does not exist',
        'skip reports: their URL is not known: give it with --report-url',
        'skip from Lambda: smsaero-test-account-monitor is not deployed',
      ],
    );
  });

  it('prints JSON whatever is wrong, and says what to do about that', async () => {
    const wrong = await findings([], { SMSAERO_GATES: 'gate.smsaero.org' });
    assert.match(wrong.lines.find((line) => line.startsWith('fail SMS Aero: ')) ?? '', /SMSAERO_GATES/);
    assert.match(wrong.todoOf('SMS Aero'), /^correct SMSAERO_GATES/);
    store.fail('access_denied');
    const denied = await findings();
    store.fail(undefined);
    assert.match(denied.todoOf('parameters'), /^allow ssm:GetParametersByPath on \/smsaero\/test/);
    const away = {
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:1',
    };
    const { todoOf, lines } = await findings([], { ...away, AWS_MAX_ATTEMPTS: '1' });
    assert.equal(todoOf('table'), 'correct that, then run this again');
    assert.equal(
      lines.filter((line) => /^skip (functions|from Lambda|client addresses): .* be/.test(line)).length,
      3,
    );
  });

  it('goes on without a configuration, without STS, and without credentials', async () => {
    const bad = await printed({}, 'bad');
    assert.match(bad.output, /^fail {2}parameters: \/smsaero\/bad\/email is not an e-mail address$/m);
    assert.match(bad.output, /^skip {2}SMS Aero: there is no configuration to ask with$/m);
    const unknown = await printed(
      { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
      'empty',
    );
    assert.match(
      unknown.output,
      /^warn {2}AWS credentials: there, region eu-central-1, stage empty; AWS does not say whose account this is: .*\n {6}to do: let this machine reach sts\.eu-central-1\.amazonaws\.com/,
    );
    assert.match(
      unknown.output,
      /^fail {2}parameters: nothing below \/smsaero\/empty\n {6}to do: npm run smsaero -- config push/m,
    );
    assert.match(
      unknown.output,
      /^fail {2}table: smsaero-empty does not exist\n {6}to do: npx serverless deploy --stage empty --region eu-central-1$/m,
    );
    const nobody = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' };
    const { exitCode, output } = await printed(nobody);
    assert.equal(exitCode, 1);
    assert.match(
      output,
      /^fail {2}AWS credentials: No AWS credentials.*\n.*\ntest: 1 failure, 0 warnings\n$/s,
    );
  });
});
