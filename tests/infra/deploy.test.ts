import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it, type TestContext } from 'node:test';
import { checkParameters } from '../../infra/check-parameters.ts';
import { listen } from '../../local/loopback.ts';
import {
  fromConnector,
  LOCAL_HASH_KEY,
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store.ts';
import { useAwsStandIns } from '../support/aws-environment.ts';
import { CONNECTOR } from '../support/stack.ts';
import { copyProject, runServerless } from './packaged.ts';

useAwsStandIns();

const SECRET = 'Bearer 0123456789abcdef';

let store: ParameterStore;
let project: string;
before(async () => {
  project = await copyProject();
  store = await startParameterStore({
    parameters: {
      ...fromConnector('good', CONNECTOR, { logto: SECRET, direct: SECRET }),
      ...fromConnector('quiet', CONNECTOR, {}),
      ...fromConnector('bad', { ...CONNECTOR, email: 'nobody', templates: [] }, { logto: SECRET }),
      ...fromConnector('sample', { ...CONNECTOR, apiKey: 'YOUR_API_KEY' }, { logto: SECRET }),
      ...fromConnector('short', CONNECTOR, { logto: SECRET, direct: 'hunter2' }),
    },
  });
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

  it('finds valid ones, and says which platforms are on', async () => {
    assert.equal(await check('good'), 'Parameters of good are valid; platforms: direct, logto');
  });

  it('takes a stage without a hash key, and says so', async () => {
    store.delete('/smsaero/quiet/hashKey');
    const found = await check('quiet');
    store.put('/smsaero/quiet/hashKey', LOCAL_HASH_KEY, 'SecureString');
    assert.match(
      found,
      /^Parameters of quiet are valid; .*; hashKey is missing, so that a new API key makes the table forget \(npm run smsaero -- config push connector\.json --stage quiet --region eu-central-1 makes one\)$/,
    );
  });

  it('takes a stage without platforms, whose codes come from Cognito or the queue', async () => {
    const found =
      'Parameters of quiet are valid; platforms: none (npm run smsaero -- secret add logto --stage quiet --region eu-central-1)';
    assert.equal(await check('quiet'), found);
  });

  it('refuses a stage without parameters, with the commands that write them', async () => {
    await assert.rejects(check('new'), ({ message }: Error) => {
      assert.match(
        message,
        /^The stage new has no parameters below \/smsaero\/new\/ in eu-central-1: .* 503/,
      );
      assert.match(
        message,
        /^ {2}npm run smsaero -- config push connector\.json --stage new --region eu-central-1$/m,
      );
      assert.match(message, /^ {2}npm run smsaero -- secret add logto --stage new --region eu-central-1$/m);
      assert.match(message, /^To deploy without this check: --param="checkParameters=off"$/m);
      return true;
    });
  });

  it('refuses what the functions cannot use, and names each parameter and field, and no value', async () => {
    await assert.rejects(check('bad'), ({ message }: Error) => {
      assert.match(message, /^The parameters of bad are not valid:$/m);
      assert.match(message, /\/smsaero\/bad\/email is not an e-mail address/);
      assert.match(message, /\/smsaero\/bad\/templates have none for Register/);
      assert.doesNotMatch(message, /nobody|0123456789abcdef/);
      return true;
    });
  });

  it('says that credentials are missing, and does not lead past the check', async () => {
    for (const said of [
      'AWS provider credentials not found. Learn',
      'AWS profile "prd" doesn\'t seem to be configured',
    ]) {
      const credentials = () => Promise.reject(new Error(said));
      await assert.rejects(check('good', { credentials }), ({ message }: Error) => {
        assert.equal(
          message,
          `No AWS credentials: sign in with the AWS CLI, or set AWS_PROFILE (Error: ${said})`,
        );
        return true;
      });
    }
  });

  it('says what whoever deploys needs, when it cannot read', async () => {
    store.fail('throttle', 1);
    await assert.rejects(check('good', { maxAttempts: 1 }), {
      message:
        /^The parameters below \/smsaero\/good\/ cannot be read \(ThrottlingException.*ssm:GetParametersByPath/,
    });
  });
});

describe('serverless deploy', () => {
  /** Runs it where nothing of AWS answers but Parameter Store. */
  const deploy = async (stage: string, ...options: string[]) => {
    const variables = {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9', // the discard port: nothing answers
      AWS_ENDPOINT_URL_SSM: store.url,
      SLS_AWS_REQUEST_MAX_RETRIES: '0',
    };
    return await runServerless(project, ['deploy', '--stage', stage, ...options], variables).catch(
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );
  };

  it('stops before it changes anything, and prints the reason without a stack', async () => {
    const output = await deploy('new', '--region', 'us-east-1');
    assert.match(output, /The stage new has no parameters below \S+ in us-east-1/);
    assert.match(output, /secret add logto --stage new --region us-east-1$/m);
    assert.doesNotMatch(output, /CloudFormation stack|ECONNREFUSED|^\s+at /m);
  });

  it('goes on to AWS with valid parameters', async () => {
    const output = await deploy('good');
    assert.match(output, /Parameters of good are valid; platforms: direct, logto/);
    assert.match(output, /ECONNREFUSED/);
  });
});

describe('serverless deploy with what would break every request', () => {
  const refused = async (command: string[], variables = {}) =>
    await runServerless(project, command, variables).then(
      (output) => assert.fail(output),
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );

  it('runs the schema of the functions on what is packaged, also for one function', async () => {
    const file = join(project, 'serverless.yml');
    const before = await readFile(file, 'utf8');
    await writeFile(file, before.replace(/^( +)SMSAERO_TABLE:/m, '$1SMSAERO_DEADLINE_MS: soon\n$&'));
    try {
      for (const command of [['package'], ['deploy', 'function', '--function', 'sms-hook']]) {
        const output = await refused(command, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
        assert.match(output, /^SMSAERO_DEADLINE_MS must be a whole number from 500 to 25000$/m);
        assert.equal(output.split('SMSAERO_DEADLINE_MS').length, 2, 'said once');
      }
    } finally {
      await writeFile(file, before);
    }
  });

  it('says which region it takes, where the shell has another one', async () => {
    const shell = { AWS_REGION: 'us-east-1' };
    const output = await refused(['deploy', '--stage', 'good', '--param=countries=Russia'], shell);
    assert.match(
      output,
      /The region is eu-central-1\. AWS_REGION is not looked at: --region us-east-1 deploys there/,
    );
    const asked = ['deploy', '--stage', 'good', '--param=countries=Russia', '--region', 'us-east-1'];
    assert.doesNotMatch(await refused(asked, shell), /AWS_REGION/);
  });
});

describe('the last lines of serverless deploy, and of serverless info', () => {
  /** Runs serverless info where CloudFormation answers with these outputs. */
  const info = async (t: TestContext, outputs: Record<string, string>) => {
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
    return await runServerless(project, ['info', '--stage', 'prod', '--region', 'us-east-1'], {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_CLOUDFORMATION: `http://${authority}`,
    });
  };
  const SmsHookUrl = 'https://a1b2.execute-api.us-east-1.amazonaws.com/sms/logto';

  it('say what to do next, as far as the stack has it', async (t) => {
    const output = await info(t, {
      SmsHookUrl,
      DashboardUrl: 'https://us-east-1.console.aws.amazon.com/cloudwatch/home#dashboards:name=smsaero-prod',
      AlarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:smsaero-prod-alarms',
      CognitoSmsSenderArn: 'arn:aws:lambda:us-east-1:111122223333:function:smsaero-prod-cognito-sms-sender',
    });
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

  it('name no dashboard, alarms or pool that are not there', async (t) => {
    const output = await info(t, { SmsHookUrl });
    assert.match(output, /^ {2}Logto .*\n.*\n {2}Check .*$/m);
  });

  it('are printed after osls has printed its own', () => {
    const printed: string[] = [];
    const serverless = {
      processedInput: { commands: ['deploy'] },
      pluginManager: {
        getPlugins: () => [
          {},
          { gatheredData: { outputs: [{ OutputKey: 'SmsHookUrl', OutputValue: SmsHookUrl }] } },
        ],
      },
      getProvider: () => ({ getStage: () => 'prod', getRegion: () => 'us-east-1' }),
    };
    const { default: SmsAeroPlugin } = createRequire(import.meta.url)('../../infra/osls-plugin.js');
    const plugin = new SmsAeroPlugin(
      serverless,
      {},
      { log: { notice: (line: string) => printed.push(line) } },
    );
    plugin.hooks.finalize();
    assert.equal(printed.at(-1), '  Check      npm run smsaero -- doctor --stage prod --region us-east-1');
    serverless.processedInput.commands = ['package'];
    plugin.hooks.finalize();
    assert.equal(printed.filter((line) => line === 'Next:').length, 1);
  });
});

describe('the plugin before a deployment', () => {
  /** Runs its hook as osls would with this value of the parameter. */
  async function hook(checkParameters: string): Promise<string[]> {
    const warned: string[] = [];
    const serverless = { service: { custom: { checkParameters } }, classes: { Error } };
    const { default: SmsAeroPlugin } = createRequire(import.meta.url)('../../infra/osls-plugin.js');
    const plugin = new SmsAeroPlugin(
      serverless,
      {},
      { log: { warning: (text: string) => warned.push(text) } },
    );
    await plugin.hooks['before:deploy:deploy']();
    return warned;
  }

  it('does not look at the parameters if it is told so', async () => {
    assert.deepEqual(await hook('off'), [
      'The parameters of the stage were not checked: checkParameters=off',
    ]);
  });
});
