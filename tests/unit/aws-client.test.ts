import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it, mock } from 'node:test';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient, environmentSettings } from '../../lib/aws-client.ts';
import { createCodeDecryption } from '../../lib/cognito/code-decryption.ts';
import { ParameterStore } from '../../lib/config/parameter-store.ts';
import { EventPublisher } from '../../lib/delivery/publisher.ts';
import { attemptTimeMs, Table } from '../../lib/dynamodb.ts';
import { CommandQueue } from '../../lib/queue/command-queue.ts';
import { encryptCode } from '../../local/cognito/encrypt.ts';
import { POOL_ID } from '../../local/cognito/events.ts';
import { LOCAL_KEY_ARN } from '../../local/cognito/user-pool.ts';
import { startEventBus } from '../../local/event-bus.ts';
import { startKms } from '../../local/kms.ts';
import { startParameterStore } from '../../local/parameter-store.ts';
import { startQueues } from '../../local/queues.ts';
import { useAwsStandIns } from '../support/aws-environment.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';
import { startTable } from '../support/table.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  mock.timers.reset();
  for (const close of closing.splice(0).reverse()) await close();
});
const keep = <Thing extends { close(): Promise<void> }>(thing: Thing): Thing => {
  closing.push(() => thing.close());
  return thing;
};

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-central-1' };

/** The host that Parameter Store is asked at in this environment. */
async function hostOf(env: NodeJS.ProcessEnv): Promise<string> {
  let host = '';
  const client = new SSMClient({
    ...environmentSettings('SSM', { ...KEYS, ...env }),
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ hostname, port }: { hostname: string; port?: number }) => {
        host = port ? `${hostname}:${port}` : hostname;
        throw new Error('far enough');
      },
    },
  });
  await assert.rejects(client.send(new GetParametersByPathCommand({ Path: '/' })), /far enough/);
  return host;
}

describe('the settings of a client', () => {
  const FIPS = { AWS_REGION: 'us-east-1', AWS_USE_FIPS_ENDPOINT: 'true' };
  const DUAL_STACK = { AWS_USE_DUALSTACK_ENDPOINT: 'true' };
  const LOCAL = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
  const OWN = { ...LOCAL, AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:4567' };
  for (const [variables, host] of [
    [{}, 'ssm.eu-central-1.amazonaws.com'],
    [FIPS, 'ssm-fips.us-east-1.amazonaws.com'],
    [DUAL_STACK, 'ssm.eu-central-1.api.aws'],
    [LOCAL, '127.0.0.1:4566'],
    [OWN, '127.0.0.1:4567'],
    [{ ...OWN, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, 'ssm.eu-central-1.amazonaws.com'],
  ] as [NodeJS.ProcessEnv, string][]) {
    it(`name ${host} with ${JSON.stringify(variables)}`, async () => {
      assert.equal(await hostOf(variables), host);
    });
  }

  it('refuse a value that the SDK does not know', () => {
    const variables = { AWS_USE_FIPS_ENDPOINT: 'yes' };
    assert.throws(() => environmentSettings('SSM', variables), /AWS_USE_FIPS_ENDPOINT/);
  });
});

describe('the clients of the functions', () => {
  it('open no configuration file, neither when they are made nor with their first call', async () => {
    const email = { '/smsaero/test/email': { type: 'String', value: 'owner@example.com' } } as const;
    const parameters = keep(await startParameterStore({ parameters: email }));
    const table = keep(await startTable('smsaero-files'));
    const kms = keep(await startKms({ keys: [LOCAL_KEY_ARN] }));
    const queues = keep(await startQueues({ names: ['failed'] }));
    const bus = keep(await startEventBus());
    const keys = { keyArn: LOCAL_KEY_ARN, kmsUrl: kms.url, userPoolId: POOL_ID };
    const code = await encryptCode('482913', keys);
    useAwsStandIns({
      AWS_ENDPOINT_URL_SSM: parameters.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      AWS_ENDPOINT_URL_KMS: kms.url,
      AWS_ENDPOINT_URL_SQS: queues.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
    });
    // Who reads a pipe waits until its last writer closes it.
    const folder = mkdtempSync(join(tmpdir(), 'smsaero-'));
    closing.push(() => rmSync(folder, { recursive: true }));
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) {
      const pipe = join(folder, name);
      execFileSync('mkfifo', [pipe]);
      const writer = openSync(pipe, 'r+');
      closing.push(() => closeSync(writer));
      process.env[name] = pipe;
    }

    const queueUrl = queues.queueUrl('failed');
    const attributes = { ApproximateReceiveCount: '1', SentTimestamp: '1' };
    const message = { messageId: '1', receiptHandle: '1', body: '{}', attributes };
    const detail = { eventId: '1', id: '1', channel: 'sms' as const, at: new Date(0).toISOString() };
    const commands = new CommandQueue({ queueUrl, deadLetterQueueUrl: queueUrl });
    assert.equal((await new ParameterStore('/smsaero/test').load()).size, 1);
    assert.equal(await new Table('smsaero-files', 5_000).get('nothing'), undefined);
    await commands.moveToDeadLetters(message, { reason: 'test' });
    assert.equal(await queues.depth('failed'), 1);
    assert.equal((await new EventPublisher('bus').publish([{ type: 'SmsFailed', detail }])).size, 0);
    assert.equal(await createCodeDecryption(LOCAL_KEY_ARN)(code, POOL_ID), '482913');
  });

  it('trust no connection that has been idle for more than 30 s', async () => {
    const table = keep(await startTable('smsaero-idle'));
    const proxy = keep(await startSilentProxy(table.url));
    useAwsStandIns({ AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
    const items = new Table('smsaero-idle', 5_000);
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await items.get('one');
    mock.timers.tick(29_000);
    await items.get('two');
    assert.equal(proxy.connections(), 1);
    mock.timers.tick(30_000);
    proxy.silence();
    await items.get('three');
    assert.equal(proxy.connections(), 2);
    assert.equal(table.calls.filter((operation) => operation === 'GetItem').length, 3);
  });
});

it('an attempt at the table leaves as much time for another', () => {
  assert.deepEqual([10, 150, 500, 800, 3_000].map(attemptTimeMs), [5, 75, 150, 200, 750]);
});

it('a call is made again while that may help, and fails with the last error when its time is over', async () => {
  const controller = new AbortController();
  const error = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  const call = mock.fn(() => {
    if (call.mock.callCount() === 20) setImmediate(() => controller.abort());
    return Promise.reject(error);
  });
  const pauses = { connectMs: 500, attemptMs: 500, firstPauseMs: 60_000, longestPauseMs: 60_000 };
  mock.method(Math, 'random', () => (call.mock.callCount() < 21 ? 0 : 1));
  const run = new AwsClient(pauses, () => ({ call })).run((each) => each.call(), controller.signal);
  await assert.rejects(run, error);
  mock.restoreAll();
  assert.equal(call.mock.callCount(), 21);
});
