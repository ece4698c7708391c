import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  GetParametersByPathCommand,
  PutParameterCommand,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import connector from '../../../local/connector.json' with { type: 'json' };
import { fromConnector, type ParameterStore, startParameterStore } from '../../../local/parameter-store.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

let store: ParameterStore;
let client: SSMClient;
const Path = '/smsaero/dev';

beforeEach(async () => {
  const parameters = fromConnector('dev', connector, { logto: 'Bearer one\nBearer two' });
  store = await startParameterStore({ parameters });
  client = new SSMClient({ endpoint: store.url, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await store.close();
});

const put = (input: object) =>
  client.send(new PutParameterCommand({ Name: `${Path}/new`, Value: 'Код', Type: 'String', ...input }));

describe('GetParametersByPath', () => {
  const by = (input: object) => client.send(new GetParametersByPathCommand({ Path, ...input }));

  it('pages by 10 at most, and refuses what AWS refuses', async () => {
    for (let index = 0; index < 20; index += 1) store.put(`${Path}/platforms/p${index}`, 'x');
    const names = [];
    for await (const page of paginateGetParametersByPath({ client }, { Path, Recursive: true })) {
      names.push(page.Parameters?.map(({ Name }) => Name) ?? []);
    }
    assert.deepEqual([names.map(({ length }) => length), new Set(names.flat()).size], [[10, 10, 6], 26]);
    for (const wrong of [{ MaxResults: 11 }, { MaxResults: 0 }, { Path: 'smsaero' }, { Path: '/aws/x' }]) {
      await assert.rejects(by(wrong), { name: 'ValidationException' });
    }
    const { NextToken } = await by({ MaxResults: 1 });
    await assert.rejects(by({ Recursive: true, NextToken }), { name: 'InvalidNextToken' });
  });
});

describe('PutParameter', () => {
  it('refuses double braces, which would name another parameter, and bad names and values', async () => {
    const braces = { name: 'ValidationException', message: /can't nest another parameter/ };
    await assert.rejects(put({ Value: 'Код: {{code}}' }), braces);
    await put({ Value: '[{"content":"{\\u007bcode}}"}]' });
    for (const wrong of [{ Name: 'smsaero/c' }, { Name: '/aws/c' }, { Value: '' }, { Type: 'Text' }]) {
      await assert.rejects(put({ Name: `${Path}/other`, ...wrong }), { name: 'ValidationException' });
    }
  });

  it('holds 4 KiB of bytes, an advanced parameter 8', async () => {
    const tierOf = async (Value: string, Tier: string) => (await put({ Value, Tier, Overwrite: true })).Tier;
    assert.equal(await tierOf('я'.repeat(2048), 'Intelligent-Tiering'), 'Standard');
    await assert.rejects(tierOf('я'.repeat(2049), 'Standard'), { name: 'ValidationException' });
    assert.equal(await tierOf('я'.repeat(2049), 'Intelligent-Tiering'), 'Advanced');
    await assert.rejects(tierOf('я'.repeat(4097), 'Advanced'), { name: 'ValidationException' });
  });
});
