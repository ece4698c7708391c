import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { checkParameters } from '../../infra/check-parameters.ts';
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

  it('refuses what was copied from the README', async () => {
    await assert.rejects(
      check('sample'),
      /^ {2}\/smsaero\/sample\/apiKey is the placeholder of a sample: copy your key from /m,
    );
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

  it('refuses a platform that would be off', async () => {
    await assert.rejects(check('short'), ({ message }: Error) => {
      assert.match(
        message,
        /^ {2}\/smsaero\/short\/platforms\/direct has a line shorter than 16 characters$/m,
      );
      assert.doesNotMatch(message, /hunter2/);
      return true;
    });
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

  it('refuses what says neither', async () => {
    await assert.rejects(hook('no'), { message: 'The parameter checkParameters is "on" or "off", not "no"' });
  });
});
