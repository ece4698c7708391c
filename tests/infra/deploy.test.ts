import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { checkParameters } from '../../infra/check-parameters.ts';
import { listen } from '../../local/loopback.ts';
import { fromConnector, startParameterStore } from '../../local/parameter-store.ts';
import { useAwsStandIns } from '../support/aws-environment.ts';
import { CONNECTOR } from '../support/stack.ts';
import { copyProject, runServerless } from './packaged.ts';

useAwsStandIns();

const SECRET = 'Bearer 0123456789abcdef';

const project = await copyProject();
const store = await startParameterStore({
  parameters: {
    ...fromConnector('good', CONNECTOR, { logto: SECRET, direct: SECRET }),
    ...fromConnector('quiet', CONNECTOR, {}),
    ...fromConnector('bad', { ...CONNECTOR, email: 'nobody', templates: [] }, { logto: SECRET }),
    ...fromConnector('sample', { ...CONNECTOR, apiKey: 'YOUR_API_KEY' }, { logto: SECRET }),
    ...fromConnector('short', CONNECTOR, { supabase: SECRET, direct: 'hunter2' }),
  },
});
after(async () => {
  await store.close();
  await rm(project, { recursive: true, force: true });
});

describe('the check of parameters', () => {
  const check = (stage: string, more = {}) =>
    checkParameters(`/smsaero/${stage}`, {
      endpoint: store.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      ...more,
    });
  const refusal = (stage: string, more = {}) =>
    check(stage, more).then(assert.fail, ({ message }: Error) => message);

  it('finds valid ones, and says which platforms are on', async () => {
    assert.equal(await check('good'), 'Parameters of good are valid; platforms: direct, logto');
  });

  it('takes a stage without platforms, whose codes come from Cognito or the queue', async () => {
    const found =
      'Parameters of quiet are valid; platforms: none (npm run smsaero -- secret add logto --stage quiet --region eu-central-1)';
    assert.equal(await check('quiet'), found);
    store.delete('/smsaero/quiet/hashKey');
    const forgets =
      '; hashKey is missing, so a new API key makes the table forget (npm run smsaero -- config push connector.json --stage quiet --region eu-central-1 makes one)';
    assert.equal(await check('quiet'), found + forgets);
  });

  it('refuses what the functions cannot use, and names each parameter and field, and no value', async () => {
    const message = await refusal('bad');
    assert.match(message, /^The parameters of bad are not valid:$/m);
    assert.match(message, /\/smsaero\/bad\/email is not an e-mail address/);
    assert.match(message, /\/smsaero\/bad\/templates have none for Register/);
    assert.doesNotMatch(message, /nobody|0123456789abcdef/);
    assert.match(await refusal('sample'), /^ {2}\/smsaero\/sample\/apiKey /m);
    const short = await refusal('short');
    assert.match(short, /^ {2}\/smsaero\/short\/platforms\/direct /m);
    assert.match(short, /^ {2}\/smsaero\/short\/platforms\/supabase has a secret that must be v1,whsec_/m);
    assert.doesNotMatch(short, /hunter2/);
  });

  it('says that credentials are missing, and does not lead past the check', async () => {
    for (const said of [
      'AWS provider credentials not found. Learn',
      'AWS profile "prd" doesn\'t seem to be configured',
    ]) {
      const credentials = () => Promise.reject(new Error(said));
      const expected = `No AWS credentials: sign in with the AWS CLI, or set AWS_PROFILE (Error: ${said})`;
      assert.equal(await refusal('good', { credentials }), expected);
    }
  });

  it('says what whoever deploys needs, when it cannot read', async () => {
    store.fail('throttle', 1);
    assert.match(
      await refusal('good', { maxAttempts: 1 }),
      /^The parameters below \/smsaero\/good\/ cannot be read \(ThrottlingException.*ssm:GetParametersByPath/,
    );
  });
});

const { default: SmsAeroPlugin, nextSteps } = createRequire(import.meta.url)('../../infra/osls-plugin.js');

/** Runs it where nothing of AWS answers but Parameter Store, and the shell names a region. @returns what it printed */
const serverless = (args: string[], more = {}) =>
  runServerless(project, args, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9', // the discard port: nothing answers
    AWS_ENDPOINT_URL_SSM: store.url,
    AWS_REGION: 'us-east-1',
    ...more,
  }).catch(({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr);

describe('serverless deploy', () => {
  it('stops before it changes anything without parameters, and prints the reason and the commands without a stack', async () => {
    const output = await serverless(['deploy', '--stage', 'new', '--region', 'us-east-1']);
    const where = '--stage new --region us-east-1';
    assert.match(output, /^The stage new has no parameters below \/smsaero\/new\/ in us-east-1: .* 503/m);
    for (const line of [
      `  npm run smsaero -- config push connector.json ${where}`,
      `  npm run smsaero -- secret add logto ${where}`,
      'To deploy without this check: --param="checkParameters=off"',
    ]) {
      assert.ok(output.includes(`\n${line}\n`), output);
    }
    assert.doesNotMatch(output, /CloudFormation stack|ECONNREFUSED|^\s+at |AWS_REGION/m);
  });

  it('runs the schema of the functions also for one function, and says which region it takes', async () => {
    const file = join(project, 'serverless.yml');
    const before = await readFile(file, 'utf8');
    await writeFile(file, before.replace(/^( +)SMSAERO_TABLE:/m, '$1SMSAERO_DEADLINE_MS: soon\n$&'));
    const output = await serverless(['deploy', 'function', '--function', 'sms-hook']);
    await writeFile(file, before);
    assert.match(output, /^SMSAERO_DEADLINE_MS must be a whole number from 500 to 25000$/m);
    assert.equal(output.split('SMSAERO_DEADLINE_MS').length, 2, 'said once');
    assert.match(
      output,
      /The region is eu-central-1\. AWS_REGION is not looked at: --region us-east-1 deploys there/,
    );
  });
});

describe('the last lines of serverless deploy, and of serverless info', () => {
  const SmsHookUrl = 'https://a1b2.execute-api.us-east-1.amazonaws.com/sms/logto';
  const outputs = {
    SmsHookUrl,
    DashboardUrl: 'https://us-east-1.console.aws.amazon.com/cloudwatch/home#dashboards:name=smsaero-prod',
    AlarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:smsaero-prod-alarms',
    CognitoSmsSenderArn: 'arn:aws:lambda:us-east-1:111122223333:function:smsaero-prod-cognito-sms-sender',
  };

  it('say what to do next, as CloudFormation says what the stack has', async (t) => {
    const members = Object.entries(outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    const stack = `<StackName>smsaero-prod</StackName><CreationTime>2026-11-26T00:00:00Z</CreationTime>
      <StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs>`;
    const server = http.createServer(async (request, response) => {
      const action = new URLSearchParams(await text(request)).get('Action');
      const result = action === 'DescribeStacks' ? `<Stacks><member>${stack}</member></Stacks>` : '';
      response
        .writeHead(200, { 'Content-Type': 'text/xml' })
        .end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
    });
    const { authority, close } = await listen(server);
    t.after(close);
    const cloudFormation = { AWS_ENDPOINT_URL_CLOUDFORMATION: `http://${authority}` };
    const output = await serverless(['info', '--stage', 'prod', '--region', 'us-east-1'], cloudFormation);
    assert.ok(
      output.includes(`
Next:
  Logto      Endpoint ${SmsHookUrl}
             Authorization: what "npm run smsaero -- secret add logto --stage prod --region us-east-1" prints
  Cognito    tell your pool: docs/platforms/cognito.md#tell-your-pool
  Dashboard  https://us-east-1.console.aws.amazon.com/cloudwatch/home#dashboards:name=smsaero-prod
  Alarms     reach nobody before you subscribe:
             aws sns subscribe --region us-east-1 --topic-arn arn:aws:sns:us-east-1:111122223333:smsaero-prod-alarms \\
               --protocol email --notification-endpoint YOUR_ADDRESS
  Check      npm run smsaero -- doctor --stage prod --region us-east-1
`),
      output,
    );
  });

  it('name no dashboard, alarms or pool that are not there', () => {
    const lines = nextSteps([{ OutputKey: 'SmsHookUrl', OutputValue: SmsHookUrl }], 'prod', 'us-east-1');
    assert.match(lines.join('\n'), /^ {2}Logto .*\n.*\n {2}Check .*$/m);
    assert.deepEqual(nextSteps([], 'prod', 'us-east-1'), []);
  });
});

describe('the plugin', () => {
  /** The plugin as osls makes it. @param serverless what it uses of osls */
  function plugin(serverless: object) {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const { hooks } = new SmsAeroPlugin(
      { classes: { Error }, ...serverless },
      {},
      { log: { notice: write, warning: write } },
    );
    return { hooks, lines };
  }

  it('goes on to AWS with valid parameters, and without a look at them if it is told so', async () => {
    const environment = { SMSAERO_CONFIG_PATH: '/smsaero/good' };
    const config = { endpoint: store.url, region: 'eu-central-1' };
    for (const [checkParameters, said] of [
      ['on', 'Parameters of good are valid; platforms: direct, logto'],
      ['off', 'The parameters of the stage were not checked: checkParameters=off'],
    ]) {
      const { hooks, lines } = plugin({
        service: { custom: { checkParameters }, provider: { environment } },
        getProvider: () => ({ getAwsSdkV3Config: async () => config }),
      });
      await hooks['before:deploy:deploy']();
      assert.deepEqual(lines, [said]);
    }
  });

  it('runs the schema of the functions on what is packaged', async () => {
    const Environment = { Variables: { SMSAERO_CONFIG_PATH: '/smsaero/prod', SMSAERO_DEADLINE_MS: 'soon' } };
    const hook = { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'hook', Environment } };
    const provider = { compiledCloudFormationTemplate: { Resources: { hook } }, stackTags: {} };
    const { hooks } = plugin({ service: { provider } });
    await assert.rejects(hooks['after:aws:package:finalize:mergeCustomProviderResources'](), {
      message: 'SMSAERO_DEADLINE_MS must be a whole number from 500 to 25000',
    });
  });

  it('says what is next after a deployment, when osls has printed its lines, and not after packaging', () => {
    const outputs = [{ OutputKey: 'SmsHookUrl', OutputValue: 'https://a1b2.test/sms/logto' }];
    for (const [command, last] of [
      ['deploy', '  Check      npm run smsaero -- doctor --stage prod --region us-east-1'],
      ['package', undefined],
    ]) {
      const { hooks, lines } = plugin({
        processedInput: { commands: [command] },
        pluginManager: { getPlugins: () => [{}, { gatheredData: { outputs } }] },
        getProvider: () => ({ getStage: () => 'prod', getRegion: () => 'us-east-1' }),
      });
      hooks.finalize();
      assert.equal(lines.at(-1), last);
    }
  });
});
