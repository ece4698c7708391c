import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { AwsFailure } from '../../../local/aws-json.ts';
import connector from '../../../local/connector.json' with { type: 'json' };
import {
  fromConnector,
  LOCAL_HASH_KEY,
  type ParameterStore,
  startParameterStore,
} from '../../../local/parameter-store/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

let store: ParameterStore;
let client: SSMClient;
const Path = '/smsaero/dev/';

function clientOf({ url }: ParameterStore): SSMClient {
  const credentials = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' };
  return new SSMClient({ endpoint: url, region: 'eu-central-1', credentials, maxAttempts: 1 });
}

beforeEach(async () => {
  store = await startParameterStore({
    parameters: fromConnector('dev', connector, { logto: 'Bearer one\nBearer two' }),
  });
  client = clientOf(store);
});
afterEach(async () => {
  client.destroy();
  await store.close();
});

function named(name: string) {
  return (error: unknown) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, name);
    return true;
  };
}

describe('PutParameter, as AWS does it', () => {
  it('refuses a value with double braces: they would name another parameter', async () => {
    const put = (Value: string) =>
      client.send(new PutParameterCommand({ Name: '/x/braces', Type: 'String', Value }));
    await assert.rejects(put('Код: {{code}}'), {
      name: 'ValidationException',
      message: /can't nest another parameter/,
    });
    await assert.rejects(put('{{ssm:other}}'), { name: 'ValidationException' });
    await put('[{"content":"{\\u007bcode}}"}]');
    assert.equal(store.delete('/x/braces'), true);
  });
});

describe('GetParametersByPath', () => {
  it('gives a connector as parameters, secrets decrypted', async () => {
    for (const path of [Path, '/smsaero/dev']) {
      const input = { Path: path, Recursive: true, WithDecryption: true };
      const { Parameters = [], NextToken } = await client.send(new GetParametersByPathCommand(input));
      assert.equal(NextToken, undefined);
      assert.deepEqual(
        Parameters.map(({ Name, Type, Value }) => [Name, Type, Value]),
        [
          ['/smsaero/dev/apiKey', 'SecureString', 'local-development-not-a-real-key'],
          ['/smsaero/dev/email', 'String', 'local@example.com'],
          ['/smsaero/dev/hashKey', 'SecureString', LOCAL_HASH_KEY],
          ['/smsaero/dev/platforms/logto', 'SecureString', 'Bearer one\nBearer two'],
          ['/smsaero/dev/senderName', 'String', 'SMSAero'],
          [
            '/smsaero/dev/templates',
            'String',
            JSON.stringify(connector.templates).replaceAll('{{', '{\\u007b'),
          ],
        ],
      );
      assert.equal(Parameters[0]?.ARN, 'arn:aws:ssm:eu-central-1:000000000000:parameter/smsaero/dev/apiKey');
      assert.equal(Parameters[0]?.Version, 1);
      assert.equal(Parameters[0]?.DataType, 'text');
      assert.ok(Parameters[0]?.LastModifiedDate instanceof Date);
    }
    assert.deepEqual(store.calls[0], {
      operation: 'GetParametersByPath',
      input: { Path, Recursive: true, WithDecryption: true },
    });
  });

  it('gives secrets as ciphertext without decryption', async () => {
    const { Parameters = [] } = await client.send(new GetParametersByPathCommand({ Path }));
    const values = new Map(Parameters.map(({ Name, Value }) => [Name, Value]));
    assert.match(values.get('/smsaero/dev/apiKey') ?? '', /^AQICAHh[\w+/=]{100,}$/);
    assert.equal(values.get('/smsaero/dev/email'), 'local@example.com');
  });

  it('gives direct children only unless recursive, and no sibling of the same beginning', async () => {
    store.put('/smsaero/developer/email', 'other@example.com');
    const names = async (input: { Path: string; Recursive?: boolean }) => {
      const { Parameters = [] } = await client.send(new GetParametersByPathCommand(input));
      return Parameters.map(({ Name }) => Name?.slice('/smsaero/'.length));
    };
    assert.deepEqual(await names({ Path }), [
      'dev/apiKey',
      'dev/email',
      'dev/hashKey',
      'dev/senderName',
      'dev/templates',
    ]);
    assert.equal((await names({ Path, Recursive: true })).length, 6);
    assert.equal((await names({ Path: '/smsaero/dev', Recursive: true })).length, 6);
    assert.deepEqual(await names({ Path: '/smsaero/none' }), []);
    assert.equal((await names({ Path: '/', Recursive: true })).length, 7);
  });

  it('pages by 10 at most, and by less when asked or when it likes', async () => {
    for (let index = 0; index < 20; index += 1)
      store.put(`/smsaero/dev/platforms/p${index}`, 'x', 'SecureString');
    const pages = async (from: SSMClient, pageSize?: number) => {
      const sizes = [];
      const names = new Set();
      const config = { client: from, ...(pageSize === undefined ? {} : { pageSize }) };
      for await (const page of paginateGetParametersByPath(config, { Path, Recursive: true })) {
        sizes.push(page.Parameters?.length);
        for (const { Name } of page.Parameters ?? []) names.add(Name);
      }
      assert.equal(
        names.size,
        sizes.reduce((sum = 0, size = 0) => sum + size, 0),
      );
      return sizes;
    };
    assert.deepEqual(await pages(client), [10, 10, 6]);
    assert.deepEqual((await pages(client, 9)).length, 3);
    const parameters = fromConnector('dev', connector, {});
    const hasty = await startParameterStore({ parameters, pageSize: 3 });
    const hastyClient = clientOf(hasty);
    assert.deepEqual(await pages(hastyClient), [3, 2]);
    hastyClient.destroy();
    await hasty.close();
  });

  it('refuses what AWS refuses', async () => {
    const by = (input: object) => client.send(new GetParametersByPathCommand({ Path, ...input }));
    await assert.rejects(by({ MaxResults: 11 }), named('ValidationException'));
    await assert.rejects(by({ MaxResults: 0 }), named('ValidationException'));
    await assert.rejects(by({ Path: 'smsaero/dev' }), named('ValidationException'));
    await assert.rejects(by({ Path: '/aws/service' }), named('ValidationException'));
    await assert.rejects(by({ Path: '/sms aero' }), named('ValidationException'));
    await assert.rejects(by({ NextToken: 'nonsense' }), named('InvalidNextToken'));
    const { NextToken } = await by({ MaxResults: 1 });
    assert.ok(NextToken);
    await assert.rejects(by({ Recursive: true, NextToken }), named('InvalidNextToken'));
  });
});

describe('other operations', () => {
  it('GetParameter reads by name, version and ARN', async () => {
    const get = async (Name: string) => {
      const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
      return Parameter?.Value;
    };
    const Name = '/smsaero/dev/apiKey';
    assert.equal(await get(Name), connector.apiKey);
    assert.equal(await get(`${Name}:1`), connector.apiKey);
    assert.equal(await get(`arn:aws:ssm:eu-central-1:000000000000:parameter${Name}`), connector.apiKey);
    await assert.rejects(get(`${Name}:2`), named('ParameterVersionNotFound'));
    await assert.rejects(get('/smsaero/dev/none'), named('ParameterNotFound'));
  });

  it('GetParameters names what it did not find', async () => {
    const Names = ['/smsaero/dev/email', '/smsaero/dev/none'];
    const { Parameters, InvalidParameters } = await client.send(new GetParametersCommand({ Names }));
    assert.deepEqual(
      Parameters?.map(({ Value }) => Value),
      ['local@example.com'],
    );
    assert.deepEqual(InvalidParameters, ['/smsaero/dev/none']);
    const many = Array.from({ length: 11 }, (_, index) => `n${index}`);
    await assert.rejects(
      client.send(new GetParametersCommand({ Names: many })),
      named('ValidationException'),
    );
  });

  it('PutParameter creates, overwrites only when told, and counts versions', async () => {
    const put = (input: object) =>
      client.send(
        new PutParameterCommand({ Name: '/smsaero/dev/new', Value: 'Код', Type: 'String', ...input }),
      );
    assert.deepEqual((await put({})).Version, 1);
    await assert.rejects(put({}), named('ParameterAlreadyExists'));
    assert.equal((await put({ Overwrite: true, Value: 'two' })).Version, 2);
    const { Parameter } = await client.send(new GetParameterCommand({ Name: '/smsaero/dev/new' }));
    assert.equal(Parameter?.Value, 'two');
    await assert.rejects(
      put({ Overwrite: true, Type: 'SecureString' }),
      named('HierarchyTypeMismatchException'),
    );
    const untyped = { Name: '/smsaero/dev/untyped', Type: undefined };
    await assert.rejects(put(untyped), named('ValidationException'));
    await assert.rejects(put({ Name: '/smsaero/dev/b', Type: 'Text' }), named('ValidationException'));
    await assert.rejects(put({ Name: 'smsaero/dev/c' }), named('ValidationException'));
    await assert.rejects(put({ Name: '/smsaero/dev/d', Value: '' }), named('ValidationException'));
    await assert.rejects(put({ Name: '/a'.repeat(16) }), named('HierarchyLevelLimitExceededException'));
  });

  it('PutParameter holds 4 KiB of bytes, an advanced parameter 8', async () => {
    const put = (Name: string, Value: string, Tier?: 'Standard' | 'Advanced') =>
      client.send(new PutParameterCommand({ Name, Value, Type: 'String', ...(Tier ? { Tier } : {}) }));
    assert.equal((await put('/a', 'a'.repeat(4096))).Tier, 'Standard');
    await assert.rejects(put('/b', 'a'.repeat(4097)), named('ValidationException'));
    await assert.rejects(put('/b', 'я'.repeat(2049)), named('ValidationException'));
    assert.equal((await put('/b', 'я'.repeat(2049), 'Advanced')).Tier, 'Advanced');
    await assert.rejects(put('/c', 'a'.repeat(8193), 'Advanced'), named('ValidationException'));
    await assert.rejects(
      startParameterStore({ parameters: { '/d': { type: 'String', value: 'я'.repeat(4097) } } }),
    );
  });

  it('DeleteParameter removes once', async () => {
    const command = () => new DeleteParameterCommand({ Name: '/smsaero/dev/email' });
    await client.send(command());
    await assert.rejects(client.send(command()), named('ParameterNotFound'));
  });

  it('DescribeParameters lists without values', async () => {
    const ParameterFilters = [{ Key: 'Path', Option: 'Recursive', Values: ['/smsaero/dev'] }];
    const all = await client.send(new DescribeParametersCommand({ ParameterFilters }));
    assert.equal(all.Parameters?.length, 6);
    assert.equal(all.Parameters?.[0]?.Tier, 'Standard');
    assert.ok(!JSON.stringify(all.Parameters).includes(connector.apiKey));
    const one = [{ Key: 'Name', Values: ['/smsaero/dev/email'] }];
    const found = await client.send(new DescribeParametersCommand({ ParameterFilters: one, MaxResults: 1 }));
    assert.deepEqual(
      found.Parameters?.map(({ Name }) => Name),
      ['/smsaero/dev/email'],
    );
  });

  it('put and delete change what the next call reads', async () => {
    const read = async () => {
      const { Parameter } = await client.send(
        new GetParameterCommand({ Name: '/smsaero/dev/apiKey', WithDecryption: true }),
      );
      return [Parameter?.Value, Parameter?.Type, Parameter?.Version];
    };
    store.put('/smsaero/dev/apiKey', 'rotated');
    assert.deepEqual(await read(), ['rotated', 'SecureString', 2]);
    assert.equal(store.delete('/smsaero/dev/apiKey'), true);
    await assert.rejects(read(), named('ParameterNotFound'));
  });
});

describe('failures', () => {
  const get = () => client.send(new GetParametersByPathCommand({ Path }));

  it('take the mode that is set, so many times or until it ends', async () => {
    const expected: [AwsFailure, string][] = [
      ['throttle', 'ThrottlingException'],
      ['access_denied', 'AccessDeniedException'],
      ['server_error', 'InternalServerError'],
    ];
    for (const [mode, name] of expected) {
      store.fail(mode);
      await assert.rejects(get(), named(name));
      await assert.rejects(get(), named(name));
    }
    store.fail('throttle', 1);
    await assert.rejects(get(), named('ThrottlingException'));
    await get();
    store.fail('server_error');
    store.fail(undefined);
    await get();
    assert.equal(store.calls.length, 9);
  });

  it('reset resets the connection', async () => {
    store.fail('reset');
    await assert.rejects(get(), { code: 'ECONNRESET' });
  });

  it('hang never answers, and close ends at once all the same', async () => {
    store.fail('hang');
    const answer = assert.rejects(get(), { code: 'ECONNRESET' });
    while (store.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await store.close();
    await answer;
  });

  it('refuse callers without a signature, and operations that are not there', async () => {
    const post = async (headers: Record<string, string>) => {
      const response = await fetch(store.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-amz-json-1.1', ...headers },
        body: '{}',
      });
      assert.equal(response.headers.get('content-type'), 'application/x-amz-json-1.1');
      return [response.status, ((await response.json()) as { __type: string }).__type];
    };
    const target = { 'X-Amz-Target': 'AmazonSSM.GetParametersByPath' };
    assert.deepEqual(await post(target), [400, 'MissingAuthenticationTokenException']);
    assert.deepEqual(await post({ ...target, Authorization: 'Basic x' }), [
      400,
      'IncompleteSignatureException',
    ]);
    assert.equal(store.calls.length, 0);
    const scope = 'AKID/20260101/eu-central-1/ssm/aws4_request';
    const Authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const unknown = { 'X-Amz-Target': 'AmazonSSM.Nothing', Authorization };
    assert.deepEqual(await post(unknown), [400, 'UnknownOperationException']);
  });
});
